import type { Channel } from '@parley/adapter-registry';
import { type Anchor, type Envelope, type OperatorWords, shardOf } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { newRequestId } from '@parley/core/message';
import { z } from 'zod';
import type { RuntimeDeps } from './types.ts';

const anchorSchema: z.ZodType<Anchor> = z.object({
  id: z.string(),
  chat: z.object({ id: z.string(), kind: z.enum(['direct', 'group']) }),
  thread: z.string().optional(),
  opensThread: z.string().optional(),
  sender: z.object({ id: z.string(), name: z.string().optional() }),
  language: z.enum(['en', 'zh']),
  state: z.record(z.string(), z.unknown()).optional(),
  command: z.string().optional(),
});

/** Where a stored question stood. @throws ParleyError `conflict`: what was said is not kept, or it was no chat */
export function readAnchor(stored: unknown): Anchor {
  const anchor = anchorSchema.safeParse(stored);
  if (anchor.success) return anchor.data;
  throw new ParleyError(
    'conflict',
    'Where this was asked is not kept: the transcript is off or was deleted, or it was no chat',
  );
}

/** A conversation in the channel and chat where a question stood. */
export interface Somewhere {
  tenant: string;
  channel: string;
  conversation: string;
  anchor: Anchor;
}

export const addressOf = ({ channel, conversation, anchor }: Somewhere) => ({
  id: conversation,
  shard: shardOf(channel, anchor.chat.id),
});

/** What is put into the mailbox: a question anew, or what an operator says in its place. */
export type Said = { question: string; of: string } | { operator: OperatorWords };

/**
 * Puts something into a conversation as if it had just come. A worker takes it from there: in order with everything else,
 * at the governor's pace, sent once.
 *
 * @returns the new turn
 * @throws ParleyError `conflict` when the channel is gone, `unavailable` when too much waits or Redis is away
 */
export async function putIn(
  where: Somewhere,
  said: Said,
  { channels, publisher, now = Date.now }: Pick<RuntimeDeps, 'channels' | 'publisher' | 'now'>,
): Promise<string> {
  const channel = channels.get(where.channel);
  if (channel?.tenant.id !== where.tenant) {
    throw new ParleyError('conflict', `The channel ${where.channel} is no longer configured`);
  }
  const envelope = envelopeOf(where, said, channel, now());
  const published = publisher.publish(envelope, [`admin/${envelope.turn}`]);
  const { outcome } = await published.catch((cause: unknown) => {
    throw new ParleyError('unavailable', 'Redis cannot be reached', { cause, retryAfterMs: 2_000 });
  });
  if (outcome !== 'accepted') {
    throw new ParleyError('unavailable', 'Too many messages wait in this conversation', { retryAfterMs: 5_000 });
  }
  return envelope.turn;
}

function envelopeOf(where: Somewhere, said: Said, { config }: Channel, at: number): Envelope {
  const { tenant, anchor } = where;
  const { command, ...place } = anchor;
  const text = 'question' in said ? said.question : '';
  const message = { ...place, text, mentions: [], contextRefs: [], attachments: [], sentAt: at };
  const envelope = {
    turn: newRequestId(at),
    tenant,
    channel: config.id,
    platform: config.platform,
    conversation: addressOf(where),
    receivedAt: at,
  };
  if ('operator' in said) return { ...envelope, v: 2, message, operator: said.operator };
  return {
    ...envelope,
    message: command === undefined ? message : { ...message, command: { name: command, args: text } },
    replay: { of: said.of, also: [] },
  };
}
