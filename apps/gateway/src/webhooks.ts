import type { Channel, ChannelSet } from '@parley/adapter-registry';
import { type ParleyError, toParleyError } from '@parley/core/errors';
import { PLATFORMS, type Platform } from '@parley/core/message';
import type { Metrics } from '@parley/core/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { errorBody } from './http-errors.ts';
import type { Inbound } from './inbound.ts';

export interface WebhookOptions {
  channels: Pick<ChannelSet, 'get'>;
  inbound: Inbound;
  metrics: Metrics;
  logger: Logger;
}

type WebhookRoute = { Params: { channel: string }; Querystring: Record<string, string | undefined> };

/** A channel's refusals are logged at most this often: an attacker must not be able to fill the log. */
const REFUSAL_LOG_MS = 10_000;

/** `POST /webhooks/{platform}/:channel`: verified by the channel's adapter, answered only after all is durable. */
export function registerWebhooks(server: FastifyInstance, options: WebhookOptions): void {
  const { channels, inbound } = options;
  const refused = createRefusalReporter(options);

  server.register(async (scope) => {
    // Signatures are over the exact bytes, so nothing may parse the body before the adapter has seen it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    const answer = (platform: Platform) => async (request: FastifyRequest<WebhookRoute>, reply: FastifyReply) => {
      const channel = channels.get(request.params.channel);
      // One body for "no such channel" and "not that platform's": a stranger learns nothing from it.
      if (channel?.config.platform !== platform) return reply.code(404).send(errorBody('not_found', 'Not found'));
      try {
        const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const { response, events } = await channel.adapter.handleWebhook({
          headers: request.headers,
          rawBody,
          query: request.query,
        });
        await inbound.accept(channel, events);
        return await reply
          .code(response.status)
          .headers(response.headers ?? {})
          .send(response.body ?? '');
      } catch (error) {
        throw refused(channel, toParleyError(error), request.id);
      }
    };
    for (const platform of PLATFORMS) scope.post<WebhookRoute>(`/webhooks/${platform}/:channel`, answer(platform));
  });
}

/** Counts and logs a refused request; returns the error to answer with. */
function createRefusalReporter({ metrics, logger }: WebhookOptions) {
  const lastLogged = new Map<string, number>(); // bounded by the configured channels

  return (channel: Channel, error: ParleyError, requestId: string): ParleyError => {
    const { id, platform } = channel.config;
    metrics.events.inc({ platform, outcome: `refused_${error.code}` });
    const now = Date.now();
    if (error.code !== 'internal' && now - (lastLogged.get(id) ?? 0) >= REFUSAL_LOG_MS) {
      lastLogged.set(id, now);
      logger.warn(
        { request_id: requestId, channel: id, platform, code: error.code, reason: error.message },
        'webhook refused',
      );
    }
    return error;
  };
}
