import { isDeepStrictEqual } from 'node:util';
import type { Adapter, AdapterDeps } from '@parley/core/adapter';
import type { ChannelConfig, Config, TenantConfig } from '@parley/core/config';
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
   * that is replaced or removed is closed only after `graceMs`, because requests and turns may still use it.
   */
  apply(config: Config): ChannelChanges;
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

  return {
    get: (id) => channels.get(id),
    list: () => [...channels.values()],
    apply(config) {
      const tenants = new Map(config.tenants.map((tenant) => [tenant.id, tenant]));
      const next = new Map<string, Channel>();
      const changes: ChannelChanges = { started: [], stopped: [] };
      for (const channel of config.channels) {
        const tenant = tenants.get(channel.tenant);
        if (!tenant) continue; // the configuration's own checks refuse this
        const before = channels.get(channel.id);
        const unchanged = before && isDeepStrictEqual(before.config, channel);
        if (!unchanged) changes.started.push(channel.id);
        const adapter = unchanged ? before.adapter : ADAPTERS[channel.platform](channel, depsFor(channel));
        next.set(channel.id, { config: channel, tenant, adapter });
      }
      for (const [id, before] of channels) {
        if (next.get(id)?.adapter === before.adapter) continue;
        changes.stopped.push(id);
        retire(before.adapter);
      }
      channels = next;
      return changes;
    },
    async close() {
      const adapters = [...[...channels.values()].map((channel) => channel.adapter), ...retiring.values()];
      for (const timer of retiring.keys()) clearTimeout(timer);
      retiring.clear();
      channels = new Map();
      await Promise.allSettled(adapters.map((adapter) => adapter.close()));
    },
  };
}
