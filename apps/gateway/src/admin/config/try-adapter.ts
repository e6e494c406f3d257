import { ADAPTERS } from '@parley/adapter-registry';
import type { Adapter } from '@parley/core/adapter';
import type { ChannelConfig } from '@parley/core/config';
import type { Network } from '@parley/core/network';
import type { Logger } from 'pino';

/** Works with an adapter for credentials that are not saved; it is closed when the work is done. */
export async function withAdapter<T>(
  channel: ChannelConfig,
  { logger, network }: { logger: Logger; network: Network | undefined },
  work: (adapter: Adapter) => Promise<T>,
): Promise<T> {
  const nothing = { get: async () => undefined, set: async () => {} };
  const createAdapter = await ADAPTERS[channel.platform]();
  const adapter = createAdapter(channel, { logger, cache: nothing, now: Date.now, network });
  try {
    return await work(adapter);
  } finally {
    await adapter.close();
  }
}
