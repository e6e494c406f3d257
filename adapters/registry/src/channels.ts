import { isDeepStrictEqual } from 'node:util';
import type { Adapter, AdapterDeps, CreateAdapter } from '@parley/core/adapter';
import type { ChannelConfig, Config, TenantConfig } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import type { Platform } from '@parley/core/message';
import { ADAPTERS } from './adapters.ts';

/** One configured bot with its tenant and its adapter, as of one version of the configuration. */
export interface Channel {
  config: ChannelConfig;
  tenant: TenantConfig;
  adapter: Adapter;
}

export interface ChannelSet {
  get(id: string): Channel | undefined;
  list(): Channel[];
  /**
   * Takes over a new version of the configuration. Channels whose own part is unchanged keep their adapter; an adapter
   * that is replaced or removed is closed only after `graceMs`, because requests and turns may still use it. Loads
   * platforms that are new, and then changes all at once; a later version waits for it.
   */
  apply(config: Config): Promise<ChannelChanges>;
  close(): Promise<void>;
}

export interface ChannelChanges {
  /** Channels whose adapter is new (added or changed). */
  started: string[];
  /** Channels whose earlier adapter is gone (removed or changed). */
  stopped: string[];
}

export interface ChannelSetOptions {
  depsFor: (channel: ChannelConfig) => AdapterDeps;
  /** How long a replaced adapter lives on, in milliseconds. */
  graceMs?: number;
}

const GRACE_MS = 120_000;

export function createChannelSet({ depsFor, graceMs = GRACE_MS }: ChannelSetOptions): ChannelSet {
  let channels = new Map<string, Channel>();
  /** Versions are taken over one after the other. */
  let applying: Promise<unknown> = Promise.resolve();
  /** Replaced adapters that are still in their grace time. */
  const retiring = new Map<NodeJS.Timeout, Adapter>();

  function retire(adapter: Adapter): void {
    const timer = setTimeout(() => {
      retiring.delete(timer);
      void adapter.close();
    }, graceMs);
    timer.unref();
    retiring.set(timer, adapter);
  }

  function replace(config: Config, create: CreateAdapter): ChannelChanges {
    const tenants = new Map(config.tenants.map((tenant) => [tenant.id, tenant]));
    const next = new Map<string, Channel>();
    const changes: ChannelChanges = { started: [], stopped: [] };
    for (const channel of config.channels) {
      const tenant = tenants.get(channel.tenant);
      if (!tenant) continue; // the configuration's own checks refuse this
      const before = channels.get(channel.id);
      const unchanged = before && isDeepStrictEqual(before.config, channel);
      if (!unchanged) changes.started.push(channel.id);
      const adapter = unchanged ? before.adapter : create(channel, depsFor(channel));
      next.set(channel.id, { config: channel, tenant, adapter });
    }
    for (const [id, before] of channels) {
      if (next.get(id)?.adapter === before.adapter) continue;
      changes.stopped.push(id);
      retire(before.adapter);
    }
    channels = next;
    return changes;
  }

  return {
    get: (id) => channels.get(id),
    list: () => [...channels.values()],
    apply(config) {
      const applied = applying.then(async () => replace(config, await load(config.channels)));
      applying = applied.catch(() => undefined);
      return applied;
    },
    async close() {
      await applying;
      const adapters = [...[...channels.values()].map((channel) => channel.adapter), ...retiring.values()];
      for (const timer of retiring.keys()) clearTimeout(timer);
      retiring.clear();
      channels = new Map();
      await Promise.allSettled(adapters.map((adapter) => adapter.close()));
    },
  };
}

/** What makes adapters of the platforms that these channels are on. */
async function load(channels: readonly ChannelConfig[]): Promise<CreateAdapter> {
  const platforms = [...new Set(channels.map(({ platform }) => platform))];
  const loaded = new Map<Platform, CreateAdapter>();
  await Promise.all(platforms.map(async (platform) => loaded.set(platform, await ADAPTERS[platform]())));
  return (channel, deps) => {
    const create = loaded.get(channel.platform);
    if (!create) throw new ParleyError('internal', `the adapter for ${channel.platform} was not loaded`);
    return create(channel, deps);
  };
}
