import { nowMs } from './clock.ts';
import type { LeanClient } from './lean-client.ts';
import { botOf, CHATS, type PlatformName } from './people.ts';
import { QUESTIONS } from './questions.ts';

export interface LoadSpec {
  platform: PlatformName;
  /** The path of one bot's webhook; `{bot}` becomes the bot's number. */
  path: string;
  /** `rate`: questions a second, whatever becomes of them. `outstanding`: so many at a time, the next one when one is done. */
  pace: { rate: number } | { outstanding: number };
  /** When a question is done: answered in the chat, or acknowledged. */
  doneWhen: 'answered' | 'acknowledged';
  /** Sends for so long; or until `questions` have been sent. */
  seconds: number;
  questions?: number | undefined;
  isChatter?: boolean | undefined;
  /** Chats that ask; default all. */
  chats?: number | undefined;
  /** Bots they are spread over; default all. */
  bots?: number | undefined;
  /** The first of these; default 0. */
  firstBot?: number | undefined;
  /** After the last question the answers are waited for, but no longer than this; 0: not at all. */
  graceSeconds: number;
}

export interface LoadResult {
  sent: number;
  acknowledged: number;
  /** Anything but a 2xx. */
  refused: number;
  answered: number;
  /** Done within the time of sending, and that time. */
  doneInTime: number;
  elapsedMs: number;
  ids: number[];
  /** By question: when it was sent, acknowledged and answered (`nowMs`; NaN: never), in the order of `ids`. */
  sentAt: number[];
  acknowledgedAt: number[];
  answeredAt: number[];
}

interface Question {
  id: number;
  sentAt: number;
  acknowledgedAt: number;
  answeredAt: number;
}

/** Questions whose times are told one by one; of longer loads only the counts matter. */
const TOLD = 20_000;
const TICK_MS = 1;

/** Asks as people do; one load at a time. Ids never repeat. */
export function createLoad() {
  let nextId = 1;
  let nextChat = 0;
  let current: { questions: Map<number, Question>; onAnswered(question: Question): void } | undefined;

  async function run(spec: LoadSpec, client: LeanClient): Promise<LoadResult> {
    const questions = new Map<number, Question>();
    const told: Question[] = [];
    const counts = { sent: 0, acknowledged: 0, refused: 0, answered: 0, doneInTime: 0 };
    const startedAt = nowMs();
    const endAt = startedAt + spec.seconds * 1000;
    const limit = spec.questions ?? Number.POSITIVE_INFINITY;
    const ended = Promise.withResolvers<void>();
    const isClosed = 'outstanding' in spec.pace;
    const isOver = () => counts.sent >= limit || nowMs() >= endAt;

    const done = (now: number) => {
      if (now <= endAt) counts.doneInTime++;
      if (isClosed && !isOver()) send();
    };
    current = {
      questions,
      onAnswered(question) {
        question.answeredAt = nowMs();
        counts.answered++;
        if (spec.doneWhen === 'answered') done(question.answeredAt);
        forget(question);
      },
    };
    const forget = (question: Question) => {
      if (!Number.isNaN(question.acknowledgedAt) && !Number.isNaN(question.answeredAt)) questions.delete(question.id);
    };

    const send = () => {
      const chat = nextChat++ % (spec.chats ?? CHATS);
      const question = { id: nextId++, sentAt: 0, acknowledgedAt: Number.NaN, answeredAt: Number.NaN };
      const bot = (spec.firstBot ?? 0) + botOf(spec.platform, chat, spec.bots);
      const path = spec.path.replace('{bot}', String(bot));
      const bytes = QUESTIONS[spec.platform]({ id: question.id, chat, isChatter: spec.isChatter ?? false, path });
      if (spec.doneWhen === 'answered') questions.set(question.id, question);
      if (told.length < TOLD) told.push(question);
      counts.sent++;
      question.sentAt = nowMs();
      client.request(bytes, ({ status }) => {
        question.acknowledgedAt = nowMs();
        if (status < 200 || status > 299) {
          counts.refused++;
          // Nobody will answer it.
          questions.delete(question.id);
          if (isClosed && !isOver()) setImmediate(send);
          return;
        }
        counts.acknowledged++;
        if (spec.doneWhen === 'acknowledged') done(question.acknowledgedAt);
        forget(question);
      });
    };

    if ('outstanding' in spec.pace) for (let i = 0; i < spec.pace.outstanding; i++) send();
    const perMs = 'rate' in spec.pace ? spec.pace.rate / 1000 : 0;
    let sendingEndedAt = endAt;
    const timer = setInterval(() => {
      const now = nowMs();
      const due = Math.min(limit, (Math.min(now, endAt) - startedAt) * perMs);
      while (!isClosed && counts.sent < due) send();
      if (!isOver()) return;
      sendingEndedAt = Math.min(sendingEndedAt, now);
      const acknowledged = counts.acknowledged + counts.refused >= counts.sent;
      const answered = spec.doneWhen === 'acknowledged' || questions.size === 0;
      if ((acknowledged && answered) || now > sendingEndedAt + spec.graceSeconds * 1000) ended.resolve();
    }, TICK_MS);
    await ended.promise;
    clearInterval(timer);
    current = undefined;
    return {
      ...counts,
      elapsedMs: sendingEndedAt - startedAt,
      ids: told.map(({ id }) => id),
      sentAt: told.map(({ sentAt }) => sentAt),
      acknowledgedAt: told.map(({ acknowledgedAt }) => acknowledgedAt),
      answeredAt: told.map(({ answeredAt }) => answeredAt),
    };
  }

  return {
    run,
    /** The platform was called with this question's answer. */
    answered(id: number): void {
      const question = current?.questions.get(id);
      if (question && Number.isNaN(question.answeredAt)) current?.onAnswered(question);
    },
  };
}
