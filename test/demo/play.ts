import type { SimMessage } from '@parley/simulators';
import type { World } from '../support/index.ts';

export type PlatformName = 'slack' | 'telegram' | 'feishu';

/** What one person does, and what the bot must then say where. */
export interface Step {
  /** What the audience is told. */
  title: { en: string; zh: string };
  act: (platform: World[PlatformName], context: Context) => Promise<{ id: string }>;
  /** Text the reply must hold; absent: the bot must stay silent. */
  expect?: string;
  /** The reply must have been shown while it was written: at least this many times before it was complete. */
  previews?: number;
  /** Who asks; default alice. */
  from?: string;
  /** What happens before, such as a model that goes down. */
  before?: () => void | Promise<void>;
  /** What the audience is told after the reply: what went on behind it. Undefined: it did not go on as it should. */
  behind?: () => { en: string; zh: string } | undefined;
  /** A further condition on the reply, such as its place. */
  where?: (reply: SimMessage, question: { id: string }) => boolean;
}

export interface Scene {
  title: { en: string; zh: string };
  platform: PlatformName;
  chat: string;
  steps: Step[];
}

/** What earlier steps of the scene left behind. */
export interface Context {
  chat: string;
  lastQuestion: { id: string };
  lastReply: { id: string };
}

const PATIENCE_MS = 15_000;
const COLOURS = { dim: '\x1b[2m', bold: '\x1b[1m', off: '\x1b[0m' };

/** Plays one scene and prints it; resolves with the number of expected replies that did not come. */
export async function play(
  scene: Scene,
  platform: World[PlatformName],
  say: (line: string) => void,
  zh: boolean,
): Promise<number> {
  const paint = (colour: keyof typeof COLOURS, text: string) =>
    process.stdout.isTTY ? `${COLOURS[colour]}${text}${COLOURS.off}` : text;
  say(
    `\n${paint('bold', `── ${scene.platform} · ${zh ? scene.title.zh : scene.title.en} ──────────────────────────────`)}`,
  );
  const context: Context = { chat: scene.chat, lastQuestion: { id: '' }, lastReply: { id: '' } };
  const seen = new Set<string>();
  const unanswered: string[] = [];
  let missing = 0;
  for (const step of scene.steps) {
    say(paint('dim', `# ${zh ? step.title.zh : step.title.en}`));
    await step.before?.();
    const question = await step.act(platform, context);
    for (const message of platform.transcript(scene.chat)) {
      if (message.author === 'person' && !seen.has(message.id)) say(`  ${step.from ?? 'alice'}: ${message.text}`);
      seen.add(message.id);
    }
    context.lastQuestion = question;
    if (step.expect === undefined) {
      unanswered.push(question.id);
      continue;
    }
    const { expect, where = () => true } = step;
    const isExpected = (message: SimMessage) =>
      message.author === 'bot' && !seen.has(message.id) && message.text.includes(expect) && where(message, question);
    try {
      const reply = await platform.waitFor(scene.chat, isExpected, PATIENCE_MS);
      seen.add(reply.id);
      context.lastReply = reply;
      const place = reply.thread
        ? zh
          ? '（话题内）'
          : ' (in the thread)'
        : reply.replyTo
          ? zh
            ? '（引用提问）'
            : ' (quoting)'
          : '';
      if (step.previews !== undefined) {
        const count = previewsOf(platform, reply);
        if (count < step.previews) missing++;
        say(paint('dim', zh ? `  … 生成过程中显示了 ${count} 次` : `  … shown ${count} times while it was written`));
      }
      say(`  bot${place}: ${reply.text.trim().replaceAll('\n', '\n    ')}`);
      if (step.behind) missing += tellBehind(step.behind(), (line) => say(paint('dim', `  ${line}`)), zh);
    } catch {
      missing++;
      say(`  ${paint('bold', zh ? '✗ 没有收到预期的回复：' : '✗ expected and not seen:')} ${expect}`);
    }
  }
  // Later steps have been answered by now: whatever was to be said to these would be there.
  const strays = platform.transcript(scene.chat).filter(({ author, replyTo, thread }) => {
    return author === 'bot' && [replyTo, thread].some((id) => id !== undefined && unanswered.includes(id));
  });
  for (const { text } of strays)
    say(`  ${paint('bold', zh ? '✗ 不应有的回复：' : '✗ said and not expected:')} ${text}`);
  return missing + strays.length;
}

function tellBehind(told: { en: string; zh: string } | undefined, say: (line: string) => void, zh: boolean): number {
  if (told) say(`  ${zh ? told.zh : told.en}`);
  else say(zh ? '✗ 背后没有发生预期的事' : '✗ what should have happened behind it did not');
  return told ? 0 : 1;
}

/** How often a person saw an unfinished version of a reply: edits of it, or drafts in a private chat of Telegram. */
function previewsOf(platform: World[PlatformName], reply: SimMessage): number {
  if (platform.platform !== 'telegram') return reply.versions.length - 1;
  return Math.max((platform as World['telegram']).draftVersions(reply.chat).length, reply.versions.length - 1);
}
