import { createHash } from 'node:crypto';
import { channelSchema, triggersSchema } from '@parley/core/config';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { decideTrigger, type Message, PLATFORMS } from '@parley/core/message';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { bilingual, describedBy } from '../http/shapes.ts';
import { webhookUrlOf } from './channel-status.ts';
import type { ConfigRoutesDeps } from './entries.ts';
import { explainTrigger } from './explain-trigger.ts';
import { setupOf, setupSchema } from './setup.ts';
import { withAdapter } from './try-adapter.ts';

const tag = 'Channels';
const params = z.object({ channel: z.string() });
const probeResult = z.object({
  ok: z.boolean(),
  steps: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string() })),
});
const PROBE_LIMIT_MS = 15_000;

type TenantOf = (input: { params: { channel: string } }) => string | undefined;

/** Trying a channel out: its credentials, its webhook, a message, its triggers. */
export function channelTestRoutes(deps: ConfigRoutesDeps, tenantOf: TenantOf): AdminRoute[] {
  const running = (id: string) => {
    const channel = deps.channels.get(id);
    if (!channel) throw new ParleyError('not_found', 'there is no such channel');
    return channel;
  };

  return [
    route({
      method: 'POST',
      path: '/channels/check',
      action: 'channel:write',
      scope: 'any',
      tag,
      summary: 'Try credentials out before they are saved',
      body: z.strictObject({ config: describedBy(channelSchema) }),
      tenantOf: ({ body }) => (typeof body?.config?.tenant === 'string' ? body.config.tenant : undefined),
      response: probeResult,
      quiet: true,
      async handle({ body, request }) {
        const whole = await completed(deps, body.config);
        const parsed = channelSchema.safeParse(whole);
        if (!parsed.success) {
          const steps = parsed.error.issues.map(({ path, message }) => ({ name: path.join('.'), ok: false, message }));
          return { ok: false, steps };
        }
        if (parsed.data.api_base_url) await deps.assertReachable(parsed.data.api_base_url, 'config.api_base_url');
        const logger = deps.logger.child({ request_id: request.id });
        return withAdapter(parsed.data, { logger, network: deps.draftNetwork }, probe);
      },
    }),
    route({
      method: 'POST',
      path: '/channels/:channel/probe',
      action: 'channel:test',
      tag,
      summary: 'Ask the platform who the bot is and what it lacks',
      params,
      tenantOf,
      response: probeResult,
      handle: ({ params: { channel } }) => probe(running(channel).adapter),
    }),
    route({
      method: 'POST',
      path: '/channels/:channel/test',
      action: 'channel:test',
      tag,
      summary: 'Send a message into a chat',
      params,
      tenantOf,
      body: z.strictObject({ chat: z.string().min(1).max(200), text: z.string().min(1).max(4000) }),
      response: z.object({ ok: z.boolean(), message_id: z.string().nullable(), message: z.string() }),
      async handle({ params: { channel }, body, request }) {
        const { adapter } = running(channel);
        const [part] = adapter.formatReply(body.text);
        if (!part) throw new ParleyError('invalid_request', 'text: nothing is left of it to send');
        const target = { chat: { id: body.chat, kind: 'direct' as const }, messageId: '', senderId: '' };
        // A caller's own request id may be anything and may come twice.
        const idempotencyKey = `test-${createHash('sha256').update(`${request.id}${Date.now()}`).digest('hex').slice(0, 24)}`;
        try {
          const receipt = await adapter.postMessage(target, part, { idempotencyKey });
          return { ok: true, message_id: receipt.messageId, message: '' };
        } catch (error) {
          return { ok: false, message_id: null, message: toParleyError(error).message };
        }
      },
    }),
    route({
      method: 'POST',
      path: '/channels/:channel/register-webhook',
      action: 'channel:write',
      tag,
      summary: 'Register the webhook at the platform, where that is possible',
      params,
      tenantOf,
      response: z.object({ ok: z.boolean(), message: z.string() }),
      async handle({ params: { channel } }) {
        const { config, adapter } = running(channel);
        const url = webhookUrlOf(config, deps.publicUrl);
        if (!url) return { ok: false, message: 'PARLEY_PUBLIC_URL is not set, or the channel holds a long connection' };
        if (!adapter.register) return { ok: false, message: 'This platform wants the address to be entered by hand' };
        try {
          await adapter.register(url);
          return { ok: true, message: url };
        } catch (error) {
          return { ok: false, message: toParleyError(error).message };
        }
      },
    }),
    route({
      method: 'GET',
      path: '/channels/setup/:platform',
      action: 'channel:read',
      scope: 'any',
      tag,
      summary: 'What to set at the platform: addresses, scopes, events, a manifest',
      params: z.object({ platform: z.enum(PLATFORMS) }),
      query: z.object({ channel: z.string().max(64).optional() }),
      response: setupSchema,
      async handle({ params: { platform }, query: { channel = '' }, may }) {
        const found = deps.channels.get(channel)?.config;
        const own = found && may(found.tenant, 'channel:read', found.id) ? found : undefined;
        const facts = own && (await deps.health.read(own.id));
        return setupOf(platform, { id: channel || `my-${platform}`, publicUrl: deps.publicUrl, facts, channel: own });
      },
    }),
    triggerTest(deps),
  ];
}

function triggerTest(deps: ConfigRoutesDeps): AdminRoute {
  return route({
    method: 'POST',
    path: '/triggers/test',
    action: 'channel:read',
    tag,
    summary: 'Whether a message would be answered, and why',
    body: z.strictObject({
      channel: z.string(),
      triggers: describedBy(triggersSchema).optional(),
      message: z.strictObject({
        text: z.string().max(20_000),
        chat_kind: z.enum(['direct', 'group']),
        mentioned: z.boolean().default(false),
        chat_id: z.string().max(200).default('chat'),
        sender_id: z.string().max(200).default('person'),
        in_own_thread: z.boolean().default(false),
      }),
    }),
    tenantOf: ({ body }) => deps.config.current.channels.find(({ id }) => id === body?.channel)?.tenant,
    response: z.object({ accept: z.boolean(), reason: z.string(), explanation: bilingual }),
    quiet: true,
    async handle({ body }) {
      const channel = deps.channels.get(body.channel);
      if (!channel) throw new ParleyError('not_found', 'channel: there is no such channel');
      const parsed = body.triggers === undefined ? undefined : triggersSchema.safeParse(body.triggers);
      if (parsed && !parsed.success) {
        const fields = parsed.error.issues.map(({ path, message }) => ({
          path: `triggers.${path.join('.')}`,
          message,
        }));
        throw new ParleyError('invalid_request', 'triggers: not valid', { fields });
      }
      const triggers = parsed?.data ?? channel.config.triggers;
      const decision = await decideTrigger(messageOf(body.message), triggers, async () => body.message.in_own_thread);
      const reason = decision.accept ? decision.why : decision.reason;
      return { accept: decision.accept, reason, explanation: explainTrigger(reason, decision.accept) };
    },
  });
}

interface TriedMessage {
  text: string;
  chat_kind: 'direct' | 'group';
  mentioned: boolean;
  chat_id: string;
  sender_id: string;
  in_own_thread: boolean;
}

function messageOf({
  text,
  chat_kind: kind,
  mentioned,
  chat_id: chat,
  sender_id: sender,
  ...rest
}: TriedMessage): Message {
  const [, name, args = ''] = /^(\/[a-z0-9_]+)(?:\s+([\s\S]*))?$/i.exec(text.trim()) ?? [];
  return {
    id: 'tried',
    chat: { id: chat, kind },
    sender: { id: sender },
    text: name ? args : text,
    ...(name && { command: { name: name.toLowerCase(), args } }),
    mentions: [],
    ...(mentioned && { addressed: 'mention' as const }),
    contextRefs: rest.in_own_thread ? ['own'] : [],
    attachments: [],
    language: 'en',
    sentAt: Date.now(),
  };
}

/** Stored credentials where the form sent their fingerprints back. */
async function completed(deps: ConfigRoutesDeps, config: Record<string, unknown>): Promise<unknown> {
  const taken = await deps.editor.complete({ channels: [config] });
  return taken.channels?.[0];
}

type Probed = { probe(): Promise<{ identity: string; hints: string[] }> };

async function probe(adapter: Probed): Promise<z.output<typeof probeResult>> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the platform does not answer')), PROBE_LIMIT_MS);
  try {
    const { identity, hints } = await Promise.race([adapter.probe(), late.promise]);
    const steps = hints.map((message) => ({ name: 'hint', ok: true, message }));
    return { ok: true, steps: [{ name: 'identity', ok: true, message: identity }, ...steps] };
  } catch (error) {
    return { ok: false, steps: [{ name: 'identity', ok: false, message: toParleyError(error).message }] };
  } finally {
    clearTimeout(timer);
  }
}
