import type { AnswerStream, OutgoingPart, Receipt } from '@parley/core/adapter';
import type { ParleyError } from '@parley/core/errors';
import { crashPoint } from '@parley/core/telemetry';
import type { DeliveryContext } from './context.ts';
import { sendPart } from './send-part.ts';

/** Part number of the notice that an answer could not be delivered: beyond all parts of answers. */
const NOTICE = 999;

export type DeliveryResult =
  | { status: 'delivered'; receipts: Receipt[] }
  | { status: 'failed'; receipts: Receipt[]; error: ParleyError };

/**
 * Makes the final text certain: sends the parts in order, each until the platform has it or refused it for good. Goes
 * on at the part an earlier attempt had reached.
 *
 * @param stream the stream in which a preview of the first part is shown already
 */
export async function deliver(
  context: DeliveryContext,
  parts: OutgoingPart[],
  stream: AnswerStream | undefined,
): Promise<DeliveryResult> {
  const { record, save } = context;
  const receipts: Receipt[] = record.receipts ? JSON.parse(record.receipts) : [];
  for (let index = receipts.length; index < parts.length; index++) {
    // Part 0 was announced together with the answer; a crash during a send must be told from one before it.
    const announced = index === 0 || record.sending === String(index);
    if (!announced) await save({ receipts: JSON.stringify(receipts), sending: String(index) });
    const sent = await sendPart(context, parts[index] as OutgoingPart, index, index === 0 ? stream : undefined);
    if ('error' in sent) return { status: 'failed', receipts, error: sent.error };
    crashPoint('worker:sent');
    receipts.push(sent.receipt);
    record.receipts = JSON.stringify(receipts);
  }
  return { status: 'delivered', receipts };
}

/**
 * Tells the asker once that the answer could not be shown, where the platform refused the answer itself: one that is
 * away or does not know us would refuse the notice too.
 */
export async function tellUndelivered(
  context: DeliveryContext,
  { error, notice }: { error: ParleyError; notice: string },
): Promise<void> {
  const [part] = context.adapter.formatReply(notice);
  if (error.code === 'platform_rejected' && part) await sendPart(context, part, NOTICE, undefined);
}
