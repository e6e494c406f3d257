import type { WebhookRequest } from '@parley/core/adapter';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeAdapter } from '../bench.ts';
import type { Credentials, PlatformDescriptor, Verification } from '../descriptor.ts';
import { fixtureNames, loadFixture, type RecordedApi, situation, startRecordedApi } from '../recorded.ts';
import { PRIVATE } from '../witness.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;

/** "Refusals are thrown: `unauthorized` bad, missing or stale signature; `invalid_request` malformed." */
export function describeVerification(descriptor: PlatformDescriptor): void {
  describe.each(descriptor.verification)('requests proven by $name', (verification) => {
    const { proof, headers, inBody, coversBody, window } = verification;
    const credentials = credentialsFor(descriptor, verification);
    const payload = loadFixture(descriptor, descriptor.situations.direct);
    const forge = (over: Partial<Parameters<PlatformDescriptor['request']>[1]> = {}) =>
      descriptor.request(payload, { credentials, at: NOW, ...over });

    let api: RecordedApi;
    let made: ReturnType<typeof makeAdapter>;
    beforeAll(async () => {
      api = await startRecordedApi(descriptor);
      made = makeAdapter(descriptor, { credentials, url: api.url, now: () => NOW });
    });
    afterEach(() => made.witness.expectDiscretion());
    afterAll(async () => {
      await made.adapter.close();
      await api.close();
    });

    const take = (request: WebhookRequest) => made.adapter.handleWebhook(request);
    const refusal = async (request: WebhookRequest) => (await made.witness.refusal(take(request))).code;

    test('are taken', async () => {
      const { response, events } = await take(forge());
      expect(response.status).toBe(200);
      expect(events).toEqual([expect.objectContaining({ kind: 'message' })]);
    });

    test.each(fixtureNames(descriptor.platform))('are proven over the bytes as they came: %s', async (name) => {
      const other = loadFixture(descriptor, name);
      const [tight, spaced] = await Promise.all(
        [false, true].map((flag) => take(descriptor.request(other, { credentials, at: NOW, spaced: flag }))),
      );
      expect(spaced).toEqual(tight);
    });

    test.each(proof)('are refused when %s is another', async (name) => {
      const wrong = { ...credentials, [name]: `${credentials[name]?.slice(0, -1)}x` };
      expect(await refusal(forge({ credentials: wrong }))).toBe('unauthorized');
    });

    test.runIf(headers.length > 0).each(headers)(
      'are refused when %s is missing, empty, doubled or changed',
      async (name) => {
        const good = String(forge().headers[name]);
        const last = good.endsWith('1') ? '2' : '1';
        for (const value of [
          undefined,
          '',
          [good, good],
          `${good.slice(0, -1)}${last}`,
          `${good}1`,
          good.slice(0, -1),
        ]) {
          const request = forge();
          expect(await refusal({ ...request, headers: { ...request.headers, [name]: value } })).toBe('unauthorized');
        }
      },
    );

    test.runIf(coversBody)('are refused when the body was changed, even in its white space', async () => {
      const request = forge();
      for (const rawBody of [`${request.rawBody} `, ` ${request.rawBody}`, forge({ spaced: true }).rawBody]) {
        if (request.rawBody.equals(Buffer.from(rawBody))) continue;
        expect(await refusal({ ...request, rawBody: Buffer.from(rawBody) })).toBe('unauthorized');
      }
    });

    test.runIf(window)('are refused when they are stale or from the future', async () => {
      const { ageMs = 0, aheadMs = 0 } = window ?? {};
      for (const at of [NOW - ageMs - MINUTE_MS, NOW + aheadMs + MINUTE_MS]) {
        expect(await refusal(forge({ at }))).toBe('unauthorized');
      }
      for (const at of [NOW - ageMs + MINUTE_MS, NOW + aheadMs - MINUTE_MS]) {
        expect((await take(forge({ at }))).events).toHaveLength(1);
      }
    });

    test.each(MALFORMED)('are malformed when they hold %s', async (_name, text) => {
      const code = await refusal(forge({ text }));
      // Where the proof stands in the body, a body without it proves nothing.
      expect(inBody ? ['invalid_request', 'unauthorized'] : ['invalid_request']).toContain(code);
    });

    test.runIf(headers.length > 0).each(MALFORMED)('are checked before anything is parsed: %s', async (_name, text) => {
      const { rawBody, query } = forge({ text });
      expect(await refusal({ headers: { 'content-type': 'application/json' }, rawBody, query })).toBe('unauthorized');
    });
  });

  test('a channel without the credentials that prove a request takes none', async () => {
    const all = descriptor.recorded.credentials;
    const provable = descriptor.verification.flatMap((verification) => verification.provable);
    const { adapter, witness } = makeAdapter(descriptor, { credentials: without(all, provable), now: () => NOW });
    const payloads = ['direct', 'handshake'].flatMap((name) => situation(descriptor, name as 'direct') ?? []);
    for (const name of payloads) {
      const request = descriptor.request(loadFixture(descriptor, name), { credentials: all, at: NOW });
      expect(await witness.refusal(adapter.handleWebhook(request))).toMatchObject({ code: 'unauthorized' });
    }
    await adapter.close();
  });
}

const MALFORMED: [string, string][] = [
  ['nothing', ''],
  ['words', `not a payload but ${PRIVATE}`],
  ['half of a payload', `{"text":"${PRIVATE}`],
  ['a list', `["${PRIVATE}"]`],
  ['a string', `"${PRIVATE}"`],
  ['null', 'null'],
  ['an empty object', '{}'],
  ['another object', `{"message":"${PRIVATE}","event":{"text":"${PRIVATE}"},"type":7}`],
];

function credentialsFor({ recorded }: PlatformDescriptor, { proof, provable }: Verification): Credentials {
  const others = provable.filter((name) => !proof.includes(name));
  return without(recorded.credentials, others);
}

function without(credentials: Credentials, names: readonly string[]): Credentials {
  return Object.fromEntries(Object.entries(credentials).filter(([name]) => !names.includes(name)));
}
