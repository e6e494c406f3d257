import type { PlatformSimulator } from '@parley/simulators';
import type { World } from '../support/index.ts';
import { answeredIn, answerLines } from './questions.ts';

export const PLATFORMS = ['slack', 'telegram', 'feishu'] as const;
export type PlatformName = (typeof PLATFORMS)[number];

/** One question and what became of it. Times are Unix milliseconds. */
export interface Asked {
  marker: string;
  platform: PlatformName;
  chat: string;
  /** Position among the questions of its chat. */
  index: number;
  askedAt: number;
  /** When the platform first knocked with it, and when the hub first said that it has it. */
  firstTriedAt?: number;
  acceptedAt?: number;
  /** When each request to the model came that asked for it. */
  modelCalls: number[];
  /** Whether the model was asked for it although its answer was recorded. */
  askedInVain?: boolean;
  /** When its whole answer was first to be read. */
  completeAt?: number;
}

/** Everything that was asked, filled in by those who see it happen: the load, the door, the model and the chats. */
export interface Ledger {
  readonly questions: ReadonlyMap<string, Asked>;
  /** Prompts in which the conversation so far held a question twice. */
  historyFaults: string[];
  ask(question: Pick<Asked, 'marker' | 'platform' | 'chat' | 'index'>): void;
  tried(marker: string): void;
  accepted(marker: string): void;
  modelCalled(marker: string): void;
  /** Asked and not yet answered in full; of one chat, or of all. */
  outstanding(chat?: string): Asked[];
  /** Asked a while ago and not yet taken by the hub. */
  unaccepted(forMs: number): Asked[];
}

export function createLedger(): Ledger {
  const questions = new Map<string, Asked>();
  const open = new Set<Asked>();
  const look = (): Asked[] => {
    for (const question of open) if (question.completeAt !== undefined) open.delete(question);
    return [...open];
  };
  return {
    questions,
    historyFaults: [],
    ask(question) {
      const asked: Asked = { ...question, askedAt: Date.now(), modelCalls: [] };
      questions.set(question.marker, asked);
      open.add(asked);
    },
    tried(marker) {
      const question = questions.get(marker);
      if (question) question.firstTriedAt ??= Date.now();
    },
    accepted(marker) {
      const question = questions.get(marker);
      if (question) question.acceptedAt ??= Date.now();
    },
    modelCalled: (marker) => void questions.get(marker)?.modelCalls.push(Date.now()),
    outstanding: (chat) => look().filter((question) => chat === undefined || question.chat === chat),
    unaccepted: (forMs) =>
      look().filter(({ acceptedAt, askedAt }) => acceptedAt === undefined && Date.now() - askedAt > forMs),
  };
}

/** Watches the chats and writes down when each answer is complete. Returns how to stop, and when a chat last changed. */
export function watchChats(world: World, ledger: Ledger): { lastChangeAt: () => number; stop: () => void } {
  const seen = new Map<string, Set<number>>();
  let last = Date.now();

  function watch({ onChange }: Observable): () => void {
    return onChange(({ kind, message }) => {
      last = Date.now();
      if (kind === 'removed' || message.author !== 'bot') return;
      for (const marker of answeredIn(message.text)) note(marker, message.text);
    });
  }

  function note(marker: string, text: string): void {
    const question = ledger.questions.get(marker);
    if (!question || question.completeAt !== undefined) return;
    const lines = answerLines(marker);
    const found = seen.get(marker) ?? new Set<number>();
    seen.set(marker, found);
    for (const [number, line] of lines.entries()) if (text.includes(line)) found.add(number);
    if (found.size < lines.length) return;
    question.completeAt = last;
    seen.delete(marker);
  }

  const stops = PLATFORMS.map((name) => watch(world[name]));
  return { lastChangeAt: () => last, stop: () => stops.forEach((stop) => void stop()) };
}

type Observable = Pick<World['slack'], 'onChange'> & PlatformSimulator;
