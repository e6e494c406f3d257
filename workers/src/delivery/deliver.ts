import type { AnswerStream, OutgoingPart, Receipt } from '@parley/core/adapter';
import type { ParleyError } from '@parley/core/errors';
import { crashPoint } from '@parley/core/telemetry';
import type { DeliveryContext } from './context.ts';
import { Parked } from './parked.ts';
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
  const { record, resumed, save } = context;
  const receipts: Receipt[] = record.receipts ? JSON.parse(record.receipts) : [];
  for (let index = receipts.length; index < parts.length; index++) {
    // A crash during a send must be told from one before it. Part 0 is announced together with the answer.
    const announced = { sending: String(index) };
    const wasAnnounced = record.sending === announced.sending;
    if (!wasAnnounced) {
      await save({ receipts: JSON.stringify(receipts), ...announced });
      Object.assign(record, announced);
      crashPoint('worker:part_recorded');
    }
    // An earlier worker announced this part and told nothing more: it may have been sent.
    const doubtful = wasAnnounced && resumed;
    const sent = await sendPart(context, {
      part: parts[index] as OutgoingPart,
      index,
      stream: index === 0 ? stream : undefined,
      doubtful,
    });
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
  if (error.code !== 'platform_rejected' || !part) return;
  // A notice is not worth putting the turn aside for.
  await sendPart(context, { part, index: NOTICE, doubtful: false }).catch((thrown) => {
    if (!(thrown instanceof Parked)) throw thrown;
  });
}
