import type { Adapter, ReplyTarget } from '@parley/core/adapter';
import { onTestFinished } from 'vitest';
import { makeAdapter, targetOf } from './bench.ts';
import type { PlatformDescriptor } from './descriptor.ts';
import type { MessageEvent } from './inbox.ts';
import { loadFixture, type RecordedApi, startRecordedApi } from './recorded.ts';
import type { Witness } from './witness.ts';

/** An adapter whose platform tells who the bot is and else never answers, and where an answer would go. */
export interface SilentPlatform {
  adapter: Adapter;
  witness: Witness;
  api: RecordedApi;
  target: ReplyTarget;
}

/** Sets it up for one test, at whose end it is taken down. */
export async function onSilentPlatform(descriptor: PlatformDescriptor): Promise<SilentPlatform> {
  const { credentials } = descriptor.recorded;
  const api = await startRecordedApi(descriptor, { silent: true });
  const made = makeAdapter(descriptor, { credentials, url: api.url });
  onTestFinished(async () => {
    await made.adapter.close();
    await api.close();
  });
  const fixture = loadFixture(descriptor, descriptor.situations.direct);
  const { events } = await made.adapter.handleWebhook(descriptor.request(fixture, { credentials, at: Date.now() }));
  return { ...made, api, target: targetOf((events[0] as MessageEvent).message) };
}
