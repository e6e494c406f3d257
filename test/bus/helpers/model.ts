import type { StopReason } from '@parley/core/bus';

/** A message as the model of a mailbox sees it. */
export interface Waiting {
  turn: string;
  /** Its only dedupe key and its platform id. */
  key: string;
  sentAt: number;
  text: string;
  mergeable: boolean;
  thread: string | undefined;
}

const MERGE_MAX = 20;

/** What one conversation should be like, written down without Redis: the truth that the scripts are held against. */
export interface Model {
  mailbox: Waiting[];
  /** Messages at the front that belong to the turn that has begun; 0: none has. */
  taken: number;
  attempts: number;
  answered: boolean;
  stop: StopReason | undefined;
  /** Who holds the conversation. */
  owner: string | undefined;
  /** Everything that was ever accepted, and what became of it. */
  accepted: Waiting[];
  deleted: Set<string>;
  /** Turn ids in the order in which they were completed, those of one turn side by side. */
  done: string[];
}

export const emptyModel = (): Model => ({
  mailbox: [],
  taken: 0,
  attempts: 0,
  answered: false,
  stop: undefined,
  owner: undefined,
  accepted: [],
  deleted: new Set(),
  done: [],
});

/** Where people's order puts a message: behind all that was sent before it or begun already. */
export function insert(model: Model, message: Waiting): void {
  let at = model.mailbox.length;
  while (at > model.taken && (model.mailbox[at - 1] as Waiting).sentAt > message.sentAt) at--;
  model.mailbox.splice(at, 0, message);
  model.accepted.push(message);
}

/** Decides what the head's turn answers, unless that was decided before. */
export function begin(model: Model): void {
  if (model.taken > 0) return;
  const [head, ...rest] = model.mailbox;
  const end = rest.findIndex((next) => !(head?.mergeable && next.mergeable && next.thread === head.thread));
  model.taken = Math.min(1 + (end === -1 ? rest.length : end), MERGE_MAX);
}

/** An attempt at the head's turn; undefined when nothing waits, and then nobody owns the conversation. */
export function attempt(model: Model, owner: string): Waiting[] | undefined {
  if (model.mailbox.length === 0) {
    model.owner = undefined;
    return undefined;
  }
  begin(model);
  model.owner = owner;
  model.attempts++;
  return model.mailbox.slice(0, model.taken);
}

export function finish(model: Model): void {
  const finished = model.mailbox.splice(0, model.taken);
  model.done.push(...finished.map(({ turn }) => turn));
  model.taken = 0;
  model.attempts = 0;
  model.answered = false;
  model.stop = undefined;
}

export function stopTurn(model: Model, reason: StopReason): boolean {
  if (model.answered) return false;
  model.stop ??= reason;
  return true;
}
