import { ADAPTERS } from '@parley/adapter-registry';
import type { Adapter, CreateAdapter, ReplyTarget } from '@parley/core/adapter';
import { channelSchema } from '@parley/core/config';
import { type Message, PLATFORMS, type Platform } from '@parley/core/message';
import type { PlatformSimulator } from '@parley/simulators';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Credentials, PlatformDescriptor } from './descriptor.ts';
import { type Inbox, startInbox } from './inbox.ts';
import { createWitness, type Witness } from './witness.ts';

export interface AdapterOptions {
  credentials: Credentials;
  url?: string | undefined;
  transport?: string | undefined;
  now?: () => number;
}

const creators = new Map(
  await Promise.all(PLATFORMS.map(async (platform) => [platform, await ADAPTERS[platform]()] as const)),
);

export function creatorOf(platform: Platform): CreateAdapter {
  const create = creators.get(platform);
  if (!create) throw new Error(`${platform} has no adapter`);
  return create;
}

/** The platform's adapter as the hub makes it, with a cache that remembers and a witness to what it logs. */
export function makeAdapter(
  { platform, secrets }: PlatformDescriptor,
  { credentials, url, transport, now = Date.now }: AdapterOptions,
): { adapter: Adapter; witness: Witness } {
  const channel = channelSchema.parse({
    id: `acme-${platform}`,
    tenant: 'acme',
    platform,
    credentials,
    ...(url !== undefined && { api_base_url: url }),
    ...(transport !== undefined && { transport }),
  });
  const values = new Map<string, string>();
  const cache = {
    get: async (key: string) => values.get(key),
    set: async (key: string, value: string) => void values.set(key, value),
  };
  const witness = createWitness(secrets.flatMap((name) => credentials[name] ?? []));
  const adapter = creatorOf(platform)(channel, { logger: witness.logger, cache, now });
  return { adapter, witness };
}

/** A simulated platform with the adapter under test on it; `inbox` stands where the gateway would. */
export interface Bench {
  readonly simulator: PlatformSimulator;
  readonly adapter: Adapter;
  readonly witness: Witness;
  readonly inbox: Inbox;
  /** A name that no other test's chat has. */
  newChat(): string;
}

/** Sets a bench up for the tests of one `describe`; its fields are there once the tests run. */
export function useBench(descriptor: PlatformDescriptor): Bench {
  let chats = 0;
  const bench = { newChat: () => `chat ${++chats}` } as { -readonly [K in keyof Bench]: Bench[K] };
  beforeAll(async () => {
    bench.simulator = await descriptor.live.start();
    const { credentials, url } = bench.simulator;
    Object.assign(bench, makeAdapter(descriptor, { credentials, url }));
    bench.inbox = await startInbox((request) => bench.adapter.handleWebhook(request));
    bench.simulator.setWebhook(bench.inbox.url);
  });
  afterEach(() => bench.witness.expectDiscretion());
  afterAll(async () => {
    await bench.adapter?.close();
    await bench.simulator?.close();
    await bench.inbox?.close();
  });
  return bench;
}

/** Where the hub sends the answer to a message. */
export function targetOf({ chat, thread, id, sender, state }: Message): ReplyTarget {
  return { chat, thread, messageId: id, senderId: sender.id, state };
}

let sends = 0;
/** Options of one send nobody has tried before. */
export function newSend(): { idempotencyKey: string } {
  return { idempotencyKey: `contract-${process.pid}-${++sends}` };
}
