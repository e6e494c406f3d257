import type { AnswerStream, OutgoingPart, Receipt } from '@parley/core/adapter';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { crashPoint } from '@parley/core/telemetry';
import { type DeliveryContext, earlierStream, idempotencyKey, openStream } from './context.ts';
import { HOLD_MAX_MS, Parked } from './parked.ts';

export type PartResult = { receipt: Receipt } | { error: ParleyError };

/** Tries for one part. Together with the longest waits they span several minutes of a platform's outage. */
const MAX_TRIES = 10;
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 60_000;
/** A request that timed out for us may still arrive: it gets this long before the platform is asked for it. */
const BEFORE_LOOKING_MS = 1_500;

export interface PartToSend {
  part: OutgoingPart;
  index: number;
  /** In which it is shown already, as a preview. */
  stream?: AnswerStream | undefined;
  /** Whether it may have been sent before. */
  doubtful: boolean;
}

/** Sends one part until the platform has it or refuses it for good; what may have arrived is never repeated blindly. */
export async function sendPart(context: DeliveryContext, toSend: PartToSend): Promise<PartResult> {
  const { adapter, record, signal, onError } = context;
  const way = createWay(context, toSend);
  /** Every time the turn was put aside it began anew: the waits go on growing, and hold the worker no more. */
  const before = Number(record.attempts ?? 1) - 1;
  let { doubtful } = toSend;
  for (let attempt = 1; ; attempt++) {
    try {
      const receipt = doubtful && !way.repeatable ? await way.find() : undefined;
      if (receipt) return { receipt };
      await way.prepare();
      await waitForTurn(context, way.cost);
      crashPoint('worker:sending');
      return { receipt: await way.send() };
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof Parked) throw await parked(context, thrown, doubtful);
      const error = toParleyError(thrown);
      onError(error);
      if (way.giveUpStream(error)) continue;
      if (error.outcomeUnknown) doubtful = true;
      if (attempt >= MAX_TRIES || !isWorthAnotherTry(error)) return { error };
      await penalise(context, error);
      const waitMs = waitBefore(attempt + before, error, doubtful && adapter.certainty === 'findable');
      if (waitMs > HOLD_MAX_MS) throw await parked(context, new Parked(waitMs), doubtful);
      await context.sleep(waitMs);
    }
  }
}

/** Where nothing is in doubt the announcement is taken back: whoever goes on need not look for the part. */
async function parked({ save, record }: DeliveryContext, wait: Parked, doubtful: boolean): Promise<Parked> {
  if (doubtful) return wait;
  await save({ sending: '' });
  record.sending = '';
  return wait;
}

/** How a part reaches the platform: through its stream, or as a message of its own. */
interface Way {
  /** Nothing becomes visible here. */
  prepare(): Promise<void>;
  send(): Promise<Receipt>;
  /** Whether sending again cannot show the part twice. */
  readonly repeatable: boolean;
  /** Operations the governor counts. */
  readonly cost: number;
  find(): Promise<Receipt | undefined>;
  /** The streamed message can no longer be made to show the part: from now on it is sent as a message of its own. */
  giveUpStream(error: ParleyError): boolean;
}

function createWay(context: DeliveryContext, { part, index, stream: opened }: PartToSend): Way {
  const { adapter, target, turn, record, signal } = context;
  let stream = opened;
  let replacements = 0;
  /** A message that replaces a streamed one needs a key of its own: the platform may know the first one. */
  const key = () => idempotencyKey(turn, index) + (replacements > 0 ? 'r' : '');
  let streaming =
    stream !== undefined ||
    (adapter.startStream !== undefined &&
      (adapter.certainty === 'placeholder' || earlierStream(record, index) !== undefined));

  return {
    get repeatable() {
      const age = context.now() - context.receivedAt;
      return (
        streaming || (adapter.certainty === 'idempotent' && age < (adapter.idempotencyMs ?? Number.POSITIVE_INFINITY))
      );
    },
    get cost() {
      return (streaming && stream?.cost?.finish) || 1;
    },
    async prepare() {
      if (streaming) stream ??= await openStream(context, index);
    },
    async send() {
      if (!streaming || !stream) return adapter.postMessage(target, part, { idempotencyKey: key(), signal });
      return stream.finish(part);
    },
    async find() {
      if (!adapter.findSent)
        throw new ParleyError('platform_rejected', 'whether the answer arrived can no longer be known');
      return adapter.findSent(target, key());
    },
    giveUpStream(error) {
      if (!streaming || error.code !== 'platform_rejected' || replacements > 0) return false;
      replacements++;
      stream?.abandon();
      stream = undefined;
      // A new placeholder where nothing else is certain, else a plain message under the same key.
      delete record[`stream${index}`];
      streaming = adapter.certainty === 'placeholder';
      return true;
    },
  };
}

/** Waits until the governor lets a final text through. Redis away: better too early than never. */
async function waitForTurn(context: DeliveryContext, cost: number): Promise<void> {
  const { sleep, assertOwned, onPaced, record } = context;
  const asked = (cost === 1 && context.reserved) || reserve(context, cost);
  context.reserved = undefined;
  const [waitMs] = await Promise.all([asked, assertOwned()]);
  onPaced?.(waitMs);
  if (waitMs > HOLD_MAX_MS) throw new Parked(waitMs, { isPaced: true });
  // Whatever is sent next of this answer has not waited yet.
  delete record.parked;
  if (waitMs === 0) return;
  await sleep(waitMs);
  await assertOwned();
}

/** Asks before it is needed, for a part that is sent as one message. */
export function reserveAhead(context: DeliveryContext): void {
  context.reserved = reserve(context, 1);
}

function reserve({ governor, place, record }: DeliveryContext, cost: number): Promise<number> {
  // Put aside for the pace once, and back at the time that was named.
  const hasWaited = record.parked !== undefined;
  return governor.reserve(place, cost, { maxMs: HOLD_MAX_MS, hasWaited }).catch(() => 0);
}

async function penalise({ governor, place }: DeliveryContext, error: ParleyError): Promise<void> {
  if (error.code !== 'platform_rate_limited' || error.retryAfterMs === undefined) return;
  await governor.penalise(place, error.retryAfterMs, 'chat').catch(() => undefined);
}

function isWorthAnotherTry(error: ParleyError): boolean {
  return error.code === 'platform_rate_limited' || error.code === 'platform_unavailable';
}

/** What the platform asked for, else exponential with jitter. */
function waitBefore(attempt: number, error: ParleyError, looks: boolean): number {
  if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, BACKOFF_MAX_MS);
  const ceiling = Math.min(BACKOFF_MIN_MS * 2 ** attempt, BACKOFF_MAX_MS);
  const wait = ceiling / 2 + (Math.random() * ceiling) / 2;
  return looks ? Math.max(wait, BEFORE_LOOKING_MS) : wait;
}
