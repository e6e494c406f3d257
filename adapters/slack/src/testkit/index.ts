import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AdapterDeps, InboundEvent, WebhookRequest } from '@parley/core/adapter';
import { channelSchema, type SlackChannel } from '@parley/core/config';
import type { Message } from '@parley/core/message';

/** What the adapter's own tests share. */
export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
export const NOW = 1_763_683_500_000;
export const BOT = 'U0LAN0Z89';

export function makeChannel(overrides: Record<string, unknown> = {}): SlackChannel {
  const channel = channelSchema.parse({
    id: 'acme-slack',
    tenant: 'acme',
    platform: 'slack',
    credentials: { bot_token: 'xoxb-test', signing_secret: SIGNING_SECRET },
    ...overrides,
  });
  if (channel.platform !== 'slack') throw new Error('unreachable');
  return channel;
}

export function makeDeps(overrides: Partial<AdapterDeps> = {}): AdapterDeps & { lines: string[] } {
  const values = new Map<string, string>();
  const lines: string[] = [];
  const log = (...parts: unknown[]) => void lines.push(JSON.stringify(parts));
  return {
    lines,
    logger: { debug: log, info: log, warn: log, error: log } as unknown as AdapterDeps['logger'],
    cache: {
      get: async (key) => values.get(key),
      set: async (key, value) => void values.set(key, value),
    },
    now: () => NOW,
    ...overrides,
  };
}

export function fixture(name: string): Record<string, unknown> {
  const file = new URL(`../../../../test/contract/fixtures/slack/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function sign(body: string, seconds = NOW / 1000, secret = SIGNING_SECRET): Record<string, string> {
  return {
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')}`,
  };
}

export function request(body: string, headers: WebhookRequest['headers'] = {}): WebhookRequest {
  return {
    headers: { 'content-type': 'application/json', ...sign(body), ...headers },
    rawBody: Buffer.from(body),
    query: {},
  };
}

export function jsonRequest(payload: unknown): WebhookRequest {
  return request(JSON.stringify(payload));
}

export function formRequest(fields: Record<string, unknown>): WebhookRequest {
  const body = new URLSearchParams(fields as Record<string, string>).toString();
  return request(body, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' });
}

export function onlyMessage(events: InboundEvent[]): { message: Message; dedupeKeys: string[] } {
  const [event] = events;
  if (events.length !== 1 || event?.kind !== 'message') throw new Error(`No message: ${JSON.stringify(events)}`);
  return event;
}
