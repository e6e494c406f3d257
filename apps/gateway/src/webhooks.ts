import type { ChannelSet } from '@parley/adapter-registry';
import { PLATFORMS, type Platform } from '@parley/core/message';
import { crashPoint, type Metrics } from '@parley/core/telemetry';
import type { FastifyError, FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { errorBody, toHttpRefusal } from './http-errors.ts';
import type { Inbound } from './inbound.ts';
import { noteArrival, traceIdOf } from './receipt.ts';

export interface WebhookOptions {
  channels: Pick<ChannelSet, 'get'>;
  inbound: Inbound;
  metrics: Metrics;
  logger: Logger;
  /** Told of every refusal of a channel, for its health in the console. */
  noteEvent?: ((channel: string, outcome: string) => void) | undefined;
  /** Whether traces are recorded. */
  isTraced?: boolean | undefined;
}

type WebhookRoute = { Params: { channel: string }; Querystring: Record<string, string | undefined> };

/** A channel's refusals are logged at most this often: an attacker must not be able to fill the log. */
const REFUSAL_LOG_MS = 10_000;

/** `POST /webhooks/{platform}/:channel`: verified by the channel's adapter, answered only after all is durable. */
export function registerWebhooks(server: FastifyInstance, options: WebhookOptions): void {
  for (const platform of PLATFORMS) server.register(async (scope) => registerPlatform(scope, platform, options));
}

function registerPlatform(scope: FastifyInstance, platform: Platform, options: WebhookOptions): void {
  const { channels, inbound, metrics, isTraced = false } = options;
  const refused = createRefusalReporter(platform, options);

  // Signatures are over the exact bytes, so nothing may parse the body before the adapter has seen it.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // Sees all that is refused: what the adapter or the hub throws, and what fastify does not even let in.
  scope.addHook<WebhookRoute>('onError', async (request, _reply, error) => {
    refused(error, request.params.channel, request.id);
  });
  scope.addHook('onResponse', (request, reply, done) => {
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    const traceId = isTraced ? traceIdOf(request) : undefined;
    metrics.webhookSeconds.observe({ platform, status }, reply.elapsedTime / 1000, traceId);
    done();
  });

  scope.post<WebhookRoute>(`/webhooks/${platform}/:channel`, async (request, reply) => {
    const channel = channels.get(request.params.channel);
    // One body for "no such channel" and "not that platform's": a stranger learns nothing from it.
    if (channel?.config.platform !== platform) {
      metrics.events.inc({ platform, outcome: 'refused_not_found' });
      return reply.code(404).send(errorBody('not_found', 'Not found'));
    }
    const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const { headers, query } = request;
    const { response, events } = await channel.adapter.handleWebhook({ headers, rawBody, query });
    await inbound.accept(channel, events, isTraced ? noteArrival(request, reply) : undefined);
    crashPoint('gateway:woken');
    return reply
      .code(response.status)
      .headers(response.headers ?? {})
      .send(response.body ?? '');
  });
}

/** Counts and logs refused requests of one platform. */
function createRefusalReporter(platform: Platform, { channels, metrics, logger, noteEvent }: WebhookOptions) {
  const lastLogged = new Map<string, number>(); // bounded by the configured channels

  return (error: FastifyError, channel: string, requestId: string): void => {
    const { code, message } = toHttpRefusal(error);
    metrics.events.inc({ platform, outcome: `refused_${code}` });
    if (channels.get(channel)?.config.platform === platform) noteEvent?.(channel, `refused_${code}`);
    const now = Date.now();
    // The server's error handler logs what is internal, with its stack. An unknown id is a stranger's choice of words.
    if (code === 'internal' || !channels.get(channel) || now - (lastLogged.get(channel) ?? 0) < REFUSAL_LOG_MS) return;
    lastLogged.set(channel, now);
    logger.warn({ request_id: requestId, channel, platform, code, reason: message }, 'webhook refused');
  };
}
