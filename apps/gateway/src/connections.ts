import type { Channel, ChannelSet } from '@parley/adapter-registry';
import type { Leases } from '@parley/core/bus';
import type { Metrics } from '@parley/core/telemetry';
import type { Logger } from 'pino';
import type { Inbound } from './inbound.ts';

export interface ConnectionManagerOptions {
  channels: Pick<ChannelSet, 'get' | 'list'>;
  inbound: Inbound;
  leases: Leases;
  metrics: Metrics;
  logger: Logger;
  /** Public base URL of the hub; with it webhooks are registered where the platform allows that. */
  publicUrl?: string | undefined;
}

/**
 * What must happen on exactly one process per bot: holding its long connection, or registering its webhook. Every
 * gateway offers itself; a lease decides, and another takes over when its holder dies.
 */
export interface ConnectionManager {
  /** Starts, restarts or stops what changed since the last call. */
  sync(): void;
  close(): Promise<void>;
}

interface Running {
  channel: Channel;
  stop: AbortController;
  ended: Promise<void>;
}

export function createConnectionManager(options: ConnectionManagerOptions): ConnectionManager {
  const { channels, inbound, leases, metrics, logger, publicUrl } = options;
  const running = new Map<string, Running>();

  function workFor(channel: Channel): ((signal: AbortSignal) => Promise<void>) | undefined {
    const { config, adapter } = channel;
    if (config.transport !== 'webhook') {
      return adapter.connect && ((signal) => holdConnection(channel, signal));
    }
    if (!adapter.register || !publicUrl) return undefined;
    const url = `${publicUrl.replace(/\/$/, '')}/webhooks/${config.platform}/${config.id}`;
    return async (signal) => {
      await adapter.register?.(url);
      logger.info({ channel: config.id }, 'webhook registered');
      // Registered once is enough: the lease is kept so that no other process repeats it.
      await aborted(signal);
    };
  }

  async function holdConnection({ config, adapter }: Channel, signal: AbortSignal): Promise<void> {
    metrics.connectionOwned.set({ channel: config.id }, 1);
    logger.info({ channel: config.id, transport: config.transport }, 'long connection starts here');
    try {
      await adapter.connect?.(async (events) => {
        // The tenant may have changed since the connection began; the adapter is the same or this one is stopped.
        const current = channels.get(config.id);
        if (signal.aborted || current?.adapter !== adapter)
          throw new Error('this process no longer owns the connection');
        await inbound.accept(current, events);
      }, signal);
    } finally {
      metrics.connectionOwned.set({ channel: config.id }, 0);
    }
  }

  function start(channel: Channel): void {
    const work = workFor(channel);
    if (!work) return;
    const stop = new AbortController();
    const ended = leases.runExclusive(`connection:${channel.config.id}`, ({ signal }) => work(signal), stop.signal);
    running.set(channel.config.id, { channel, stop, ended });
  }

  return {
    sync() {
      for (const [id, { channel, stop }] of running) {
        if (channels.get(id)?.adapter === channel.adapter) continue;
        stop.abort();
        running.delete(id);
      }
      for (const channel of channels.list()) if (!running.has(channel.config.id)) start(channel);
    },
    async close() {
      const all = [...running.values()];
      running.clear();
      for (const { stop } of all) stop.abort();
      await Promise.allSettled(all.map(({ ended }) => ended));
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
