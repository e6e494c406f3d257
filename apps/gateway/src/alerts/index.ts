import { createHash } from 'node:crypto';
import type { ChannelSet } from '@parley/adapter-registry';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { constantTimeEqual } from '@parley/core/secrets';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { alertMessage } from './message.ts';
import { type AlertGroup, alertGroupSchema } from './schema.ts';

export interface AlertOptions {
  /** What Alertmanager has to show; absent: there is no such path. */
  token: string | undefined;
  channels: Pick<ChannelSet, 'get'>;
  /** Says it in the chat; rejects when the platform does not take it. */
  post(channel: string, chat: string, markdown: string, key: string): Promise<void>;
  /** Whether nobody has claimed this key yet, in any process; rejects while Redis is away. */
  claim(key: string, ttlMs: number): Promise<boolean>;
  release(key: string): Promise<void>;
  logger: Logger;
}

type AlertRoute = { Params: { channel: string; chat: string } };

/**
 * How long the same news is not told again: several Alertmanagers tell it at the same time, and one whose answer was lost
 * tells it again. Shorter than any `repeat_interval`, which is meant to be heard.
 */
const SAME_NEWS_MS = 5 * 60_000;
const RETRY_AFTER_MS = 10_000;
/** Longer ids of chats has no platform. */
const CHAT_MAX_CHARACTERS = 200;

/** `POST /webhooks/alertmanager/:channel/:chat`: what Alertmanager notifies becomes a message of the channel's bot. */
export function registerAlerts(server: FastifyInstance, { token, channels, logger, ...say }: AlertOptions): void {
  // Before the body is read: strangers may send nothing.
  async function onRequest(request: FastifyRequest, reply: FastifyReply) {
    if (token === undefined) return reply.callNotFound();
    requireToken(request.headers.authorization, token);
  }

  server.post<AlertRoute>('/webhooks/alertmanager/:channel/:chat', { onRequest }, async (request, reply) => {
    const { channel, chat } = request.params;
    if (!channels.get(channel) || chat.length > CHAT_MAX_CHARACTERS) return reply.callNotFound();
    const parsed = alertGroupSchema.safeParse(request.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new ParleyError(
        'invalid_request',
        `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not an alert'}`,
      );
    }
    const group = parsed.data;
    const posted = await tell(channel, chat, group, say).catch((error: unknown) => {
      // Alertmanager hears only that it must come again; a chat that does not exist is mended by who reads this.
      const { code, message: reason } = toParleyError(error);
      logger.warn({ request_id: request.id, channel, code, reason }, 'alerts not posted');
      throw error;
    });
    logger.info(
      { request_id: request.id, channel, status: group.status, alerts: group.alerts.length, posted },
      'alerts',
    );
    return { status: posted ? 'posted' : 'duplicate' };
  });
}

/** @throws ParleyError `unavailable` when the platform did not take it: Alertmanager comes again */
async function tell(
  channel: string,
  chat: string,
  group: AlertGroup,
  { post, claim, release }: Pick<AlertOptions, 'post' | 'claim' | 'release'>,
): Promise<boolean> {
  const key = keyOf(channel, chat, group);
  // Without Redis rather twice than never: it may be what the alert is about.
  if (!(await claim(key, SAME_NEWS_MS).catch(() => true))) return false;
  try {
    await post(channel, chat, alertMessage(group), key);
    return true;
  } catch (thrown) {
    await release(key).catch(() => undefined);
    const { code, message, retryAfterMs = RETRY_AFTER_MS } = toParleyError(thrown);
    throw new ParleyError('unavailable', `${code}: ${message}`, { cause: thrown, retryAfterMs });
  }
}

function requireToken(header: string | undefined, token: string): void {
  const shown = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
  if (shown === undefined || !constantTimeEqual(shown, token)) {
    throw new ParleyError('unauthorized', 'Alertmanager must show the token: http_config.authorization');
  }
}

/** The same for the same news: the group, and which of its alerts began when and still fire. */
function keyOf(channel: string, chat: string, { groupKey, status, alerts }: AlertGroup): string {
  const parts = alerts.map((alert) => `${alert.fingerprint ?? ''} ${alert.status} ${alert.startsAt}`).sort();
  const hash = createHash('sha256').update([channel, chat, groupKey, status, ...parts].join('\0'));
  return `alert-${hash.digest('base64url').slice(0, 32)}`;
}
