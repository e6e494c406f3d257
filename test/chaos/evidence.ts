import type { LogLine } from '../support/hub.ts';
import type { World } from '../support/index.ts';
import type { Fault, Verdict } from './judge.ts';
import type { Asked, Ledger } from './ledger.ts';
import { answeredIn } from './questions.ts';

export type ProcessLog = LogLine & { process: string };

/** All that helps to find out what went wrong with one question. */
export interface Evidence {
  marker: string;
  faults: Fault[];
  question: Asked;
  messages: { id: string; at: number; thread: string | undefined; edits: number; versions: string[] }[];
  logs: string[];
}

const MAX_CASES = 60;
/** Said by every connection of every process whenever Redis is away. */
const NOISE = /^(redis connection|queue trouble)/;
const BEFORE_MS = 1_000;
const AFTER_MS = 45_000;
const MAX_LINES = 80;

export function evidenceFor({ findings }: Verdict, world: World, ledger: Ledger, logs: ProcessLog[]): Evidence[] {
  const markers = [...new Set(findings.map(({ marker }) => marker))].slice(0, MAX_CASES);
  return markers.flatMap((marker) => {
    const question = ledger.questions.get(marker);
    if (!question) return [];
    const { platform, chat, askedAt, completeAt = askedAt } = question;
    const messages = world[platform]
      .transcript(chat)
      .filter(({ author, text }) => author === 'bot' && answeredIn(text).includes(marker))
      .map(({ id, at, thread, edits, versions }) => ({ id, at, thread, edits, versions: versions.map(shorten) }));
    const around = logs
      .filter(({ msg, channel }) => !NOISE.test(msg) && (channel === undefined || channel === platform))
      .filter(({ time }) => isWithin(Date.parse(String(time)), askedAt - BEFORE_MS, completeAt + AFTER_MS))
      .slice(0, MAX_LINES)
      .map((line) => JSON.stringify(line).slice(0, 600));
    return [
      {
        marker,
        faults: findings.flatMap((one) => (one.marker === marker ? one.fault : [])),
        question,
        messages,
        logs: around,
      },
    ];
  });
}

const isWithin = (time: number, from: number, to: number) => time >= from && time <= to;
const shorten = (text: string) => (text.length > 160 ? `${text.slice(0, 80)} … ${text.slice(-70)}` : text);
