import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapter, OutgoingPart, Receipt, ReplyTarget } from '@parley/core/adapter';
import { type ParleyError, toParleyError } from '@parley/core/errors';

export interface DeliveryRequest {
  adapter: Adapter;
  target: ReplyTarget;
  /** The turn's id: makes every part's idempotency key. */
  turn: string;
  parts: OutgoingPart[];
  /** Receipts of the parts sent in an earlier attempt at this turn. */
  receipts: Receipt[];
  signal: AbortSignal;
  /** Called after every part but the last with all receipts so far; false: ownership is lost, stop. */
  onProgress: (receipts: Receipt[]) => Promise<boolean>;
  onError: (error: ParleyError) => void;
}

export type DeliveryResult =
  | { status: 'delivered'; receipts: Receipt[] }
  | { status: 'failed'; receipts: Receipt[]; error: ParleyError }
  | { status: 'lost' };

/** Tries for one part. Together with the longest waits they span about four minutes of a platform's outage. */
const MAX_TRIES = 10;
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 60_000;

/** Sends the parts in order, each until the platform took it or refused it for good. */
export async function deliver(request: DeliveryRequest): Promise<DeliveryResult> {
  const { parts, onProgress } = request;
  const receipts = [...request.receipts];
  for (let index = receipts.length; index < parts.length; index++) {
    const sent = await sendPart(request, parts[index] as OutgoingPart, index);
    if ('error' in sent) return { status: 'failed', receipts, error: sent.error };
    receipts.push(sent.receipt);
    if (index < parts.length - 1 && !(await onProgress(receipts))) return { status: 'lost' };
  }
  return { status: 'delivered', receipts };
}

async function sendPart(
  { adapter, target, turn, signal, onError }: DeliveryRequest,
  part: OutgoingPart,
  index: number,
): Promise<{ receipt: Receipt } | { error: ParleyError }> {
  const options = { idempotencyKey: `${turn}-${index}`, signal };
  for (let attempt = 1; ; attempt++) {
    try {
      return { receipt: await adapter.postMessage(target, part, options) };
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toParleyError(thrown);
      onError(error);
      if (attempt >= MAX_TRIES || !isWorthAnotherTry(error)) return { error };
      await sleep(waitBefore(attempt, error), undefined, { signal });
    }
  }
}

function isWorthAnotherTry(error: ParleyError): boolean {
  return error.code === 'platform_rate_limited' || error.code === 'platform_unavailable';
}

/** What the platform asked for, else exponential with jitter. */
function waitBefore(attempt: number, error: ParleyError): number {
  if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, BACKOFF_MAX_MS);
  const ceiling = Math.min(BACKOFF_MIN_MS * 2 ** attempt, BACKOFF_MAX_MS);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
