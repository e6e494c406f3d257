import type { SimMessage } from '@parley/simulators';
import type { World } from '../support/index.ts';
import type { Asked, Ledger, PlatformName } from './ledger.ts';
import { answeredIn, answerLines } from './questions.ts';

/** What is wrong with the answer to one question. */
export type Fault =
  /** Some line of the answer stands in no message. */
  | 'lost'
  /** Some of it is to be read twice. */
  | 'doubled'
  /** A message with some of it stands there beside the whole answer. */
  | 'stuck'
  /** A message that should hold lines of it holds something else too. */
  | 'garbled'
  | 'out of order'
  /** The model was asked for it after its answer was recorded, or could even be read. */
  | 'asked again';

export interface Finding {
  marker: string;
  platform: PlatformName;
  fault: Fault;
}

export interface Verdict {
  findings: Finding[];
  /** Messages of the bot that nobody is waiting for: a placeholder left behind. */
  strays: { platform: PlatformName; chat: string; text: string }[];
  /** Streams that still run although nobody writes. */
  openStreams: { platform: PlatformName; chat: string; messageId: string }[];
}

const PLACEHOLDER = /^\s*…?\s*$/;

/** Reads all chats as the people in them see them now. */
export function judge(world: World, ledger: Ledger): Verdict {
  const verdict: Verdict = { findings: [], strays: [], openStreams: [] };
  const chats = groupBy([...ledger.questions.values()], ({ chat }) => chat);
  for (const [chat, questions] of chats) {
    const platform = questions[0]?.platform as PlatformName;
    const said = world[platform].transcript(chat).filter(({ author }) => author === 'bot');
    for (const { text } of said) {
      if (PLACEHOLDER.test(text) || answeredIn(text).length === 0) verdict.strays.push({ platform, chat, text });
    }
    for (const question of questions) {
      const mine = said.filter(({ text }) => answeredIn(text).includes(question.marker));
      const faults = [...judgeAnswer(question.marker, mine), ...judgeCalls(question)];
      for (const fault of faults) verdict.findings.push({ marker: question.marker, platform, fault });
    }
    for (const marker of outOfOrder(questions)) verdict.findings.push({ marker, platform, fault: 'out of order' });
    verdict.openStreams.push(...openFeishuStreams(said, chat));
  }
  for (const { channel, ts } of world.slack.openStreams()) {
    verdict.openStreams.push({ platform: 'slack', chat: channel, messageId: ts });
  }
  return verdict;
}

/** @param messages the bot's messages that show something of this answer, oldest first */
export function judgeAnswer(marker: string, messages: readonly Pick<SimMessage, 'text'>[]): Fault[] {
  const lines = answerLines(marker);
  const held = messages.map(({ text }) => ({ text, lines: lines.filter((line) => text.includes(line)) }));
  const faults = new Set<Fault>();
  const missing = new Set(lines);
  const parts: typeof held = [];
  // Fullest first: what is left over afterwards adds nothing.
  for (const message of held.toSorted((a, b) => b.lines.length - a.lines.length)) {
    const adds = message.lines.filter((line) => missing.delete(line)).length;
    if (adds > 0) {
      parts.push(message);
      if (adds < message.lines.length || hasTwice(message)) faults.add('doubled');
      else if (bare(message.text) !== bare(message.lines.join(''))) faults.add('garbled');
    } else {
      const isSent = message.lines.includes(lines.at(-1) as string) || parts.some(({ text }) => text === message.text);
      faults.add(isSent ? 'doubled' : 'stuck');
    }
  }
  if (missing.size > 0) return ['lost'];
  return [...faults];
}

const hasTwice = ({ text, lines }: { text: string; lines: string[] }) =>
  lines.some((line) => text.indexOf(line) !== text.lastIndexOf(line));
const bare = (text: string) => text.replaceAll(/\s+/g, '');

function judgeCalls({ modelCalls, completeAt, askedInVain }: Asked): Fault[] {
  const isLate = completeAt !== undefined && modelCalls.some((at) => at > completeAt);
  return isLate || askedInVain ? ['asked again'] : [];
}

/**
 * Questions whose answer was complete before that of one which the hub had accepted before this one was even brought to
 * it. Where both were under way together, either order is right.
 */
export function outOfOrder(questions: readonly Asked[]): string[] {
  const late = questions.filter(({ completeAt }) => completeAt !== undefined);
  return late
    .filter((later) =>
      late.some(
        (earlier) =>
          earlier.index < later.index &&
          (earlier.acceptedAt ?? Number.POSITIVE_INFINITY) <= (later.firstTriedAt ?? 0) &&
          (earlier.completeAt as number) > (later.completeAt as number),
      ),
    )
    .map(({ marker }) => marker);
}

/** A card says itself whether it is still being written. */
function openFeishuStreams(said: readonly SimMessage[], chat: string): Verdict['openStreams'] {
  return said.filter(({ raw }) => isStreaming(raw)).map(({ id }) => ({ platform: 'feishu', chat, messageId: id }));
}

function isStreaming(raw: unknown): boolean {
  const { config } = (raw ?? {}) as { config?: { streaming_mode?: unknown } };
  return config?.streaming_mode === true;
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
