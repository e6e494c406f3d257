import { channelSchema } from '@parley/core/config';
import { PLATFORMS } from '@parley/core/message';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../../support/index.ts';
import { creatorOf, makeAdapter, newSend, useBench } from '../bench.ts';
import type { PlatformDescriptor } from '../descriptor.ts';
import { DESCRIPTORS } from '../platforms/index.ts';
import { startRecordedApi } from '../recorded.ts';
import { onSilentPlatform } from '../silent.ts';
import { PRIVATE } from '../witness.ts';

/** Probing, giving up and closing. */
export function describeLifecycle(descriptor: PlatformDescriptor): void {
  describe('an adapter', () => {
    const bench = useBench(descriptor);

    test('says who it is', async () => {
      const result = await bench.adapter.probe();
      expect(result.identity).toMatch(/\S/);
      for (const hint of result.hints) expect(hint).toMatch(/^\S.*\S$/s);
      const { credentials } = bench.simulator;
      for (const name of descriptor.secrets) expect(JSON.stringify(result)).not.toContain(credentials[name]);
    });

    test('says what is wrong with a wrong credential, and with a platform that is away', async () => {
      const { credentials, url } = bench.simulator;
      const spoilt = descriptor.spoil(credentials);
      const stranger = makeAdapter(descriptor, { credentials: spoilt, url });
      const error = await stranger.witness.refusal(stranger.adapter.probe());
      expect(error.code).toBe('platform_unauthorized');
      stranger.witness.expectDiscretion();
      await stranger.adapter.close();

      const api = await startRecordedApi(descriptor, { mode: 'away' });
      const lonely = makeAdapter(descriptor, { credentials, url: api.url });
      expect((await lonely.witness.refusal(lonely.adapter.probe())).code).toBe('platform_unavailable');
      lonely.witness.expectDiscretion();
      await lonely.adapter.close();
      await api.close();
    });

    test('takes channels of its own platform only', () => {
      expect(bench.adapter.platform).toBe(descriptor.platform);
      const others = PLATFORMS.filter((platform) => platform !== descriptor.platform);
      const { logger } = bench.witness;
      const cache = { get: async () => undefined, set: async () => undefined };
      for (const platform of others) {
        const { credentials } = DESCRIPTORS[platform].recorded;
        const channel = channelSchema.parse({ id: 'x', tenant: 'acme', platform, credentials });
        const make = () => creatorOf(descriptor.platform)(channel, { logger, cache, now: Date.now });
        expect(make).toThrow(expect.objectContaining({ code: 'invalid_config' }));
      }
    });

    test('says how much the platform allows', () => {
      for (const { perSecond, burst } of Object.values(bench.adapter.limits)) {
        expect(perSecond).toBeGreaterThan(0);
        expect(burst).toBeGreaterThanOrEqual(1);
      }
    });

    test('an abort on the way leaves open what happened; an abort before does not', async () => {
      const { adapter, witness, api, target } = await onSilentPlatform(descriptor);
      const [part] = adapter.formatReply(`an answer ${PRIVATE}`);
      if (!part) return expect.fail('nothing to send');
      const abort = new AbortController();
      const options = { ...newSend(), signal: abort.signal };
      const pending = witness.refusal(adapter.postMessage(target, part, options));
      await until('the call', () => api.otherPaths.length > 0);
      abort.abort();
      expect(await pending).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });

      const calls = api.otherPaths.length;
      const late = await witness.refusal(adapter.postMessage(target, part, options));
      expect(late).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: false });
      expect(api.otherPaths).toHaveLength(calls);
      witness.expectDiscretion();
    });

    test('closing ends what still runs and frees every socket', async () => {
      const { adapter, witness, api, target } = await onSilentPlatform(descriptor);
      const [part] = adapter.formatReply('an answer');
      if (!part) return expect.fail('nothing to send');
      const pending = witness.refusal(adapter.postMessage(target, part, newSend()));
      await until('the call', () => api.otherPaths.length > 0);
      await adapter.close();
      expect((await pending).code).toBe('platform_unavailable');
      await until('no socket', async () => (await api.openSockets()) === 0);
    });

    test('closing frees the sockets that are kept for later', async () => {
      const api = await startRecordedApi(descriptor);
      onTestFinished(() => api.close());
      const { adapter } = makeAdapter(descriptor, { credentials: descriptor.recorded.credentials, url: api.url });
      await adapter.probe().catch(() => undefined);
      await adapter.close();
      await until('no socket', async () => (await api.openSockets()) === 0);
    });
  });
}
