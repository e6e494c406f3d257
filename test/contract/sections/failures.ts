import type { Adapter, OutgoingPart, ReplyTarget } from '@parley/core/adapter';
import type { ApiFault } from '@parley/simulators';
import { describe, expect, test } from 'vitest';
import { makeAdapter, newSend, targetOf, useBench } from '../bench.ts';
import type { PlatformDescriptor } from '../descriptor.ts';
import { startRecordedApi } from '../recorded.ts';
import { PRIVATE } from '../witness.ts';

/** What a send that fails says: the code, how long to wait, and whether it may have happened all the same. */
export function describeFailures(descriptor: PlatformDescriptor): void {
  describe('a send that fails', () => {
    const bench = useBench(descriptor);
    const { sends, refusal } = descriptor.outgoing;

    async function prepare(
      kind: 'direct' | 'group' = 'direct',
    ): Promise<{ target: ReplyTarget; part: OutgoingPart; chat: string }> {
      const chat = bench.newChat();
      const sent = await bench.simulator.say({ chat, kind, mentionBot: kind === 'group', text: 'a question' });
      // The first answer makes sure that tokens and connections are there, so that the fault hits the send itself.
      const target = targetOf(await bench.inbox.message(sent));
      const [warm, part] = ['ready', `**the answer** ${PRIVATE}`].flatMap((text) => bench.adapter.formatReply(text));
      if (!warm || !part) return expect.fail('nothing to send');
      await bench.adapter.postMessage(target, warm, newSend());
      return { target, part, chat: sent.chat };
    }
    const answers = (chat: string) =>
      bench.simulator.transcript(chat).filter(({ author, text }) => author === 'bot' && text.includes('the answer'));
    const sendCalls = () => bench.simulator.calls.filter(({ method }) => sends.test(method)).length;

    /** Sends under a fault; resolves with the error and how to try once more under the same key. */
    async function failure(action: ApiFault['action'], kind?: 'direct' | 'group') {
      const { target, part, chat } = await prepare(kind);
      const options = newSend();
      const before = sendCalls();
      bench.simulator.misbehave({ method: sends, times: 1, action });
      const error = await bench.witness.refusal(bench.adapter.postMessage(target, part, options));
      expect(sendCalls() - before, 'the adapter itself does not try again').toBe(1);
      const find = () => bench.adapter.findSent?.(target, options.idempotencyKey);
      return { error, chat, find, again: () => bench.adapter.postMessage(target, part, options) };
    }

    test('too fast: says how long to wait, and nothing was sent', async () => {
      const { error, chat } = await failure({ kind: 'rate_limit', retryAfterSeconds: 7 });
      expect(error).toMatchObject({ code: 'platform_rate_limited', retryAfterMs: 7000, outcomeUnknown: false });
      expect(answers(chat)).toEqual([]);
    });

    test('the way to settle a doubtful send is there', () => {
      const { certainty, findSent, idempotencyMs, startStream } = bench.adapter;
      expect(['idempotent', 'findable', 'placeholder']).toContain(certainty);
      if (certainty === 'findable') expect(findSent).toBeDefined();
      if (certainty === 'placeholder') expect(startStream).toBeDefined();
      if (certainty === 'idempotent') expect(idempotencyMs).toBeGreaterThan(0);
    });

    test('a cut before it had an effect: nobody can tell', async () => {
      const { error, chat, again, find } = await failure({ kind: 'cut', when: 'before' });
      expect(error).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });
      if (bench.adapter.findSent) expect(await find()).toBeUndefined();
      await again();
      expect(answers(chat)).toHaveLength(1);
    });

    test.each(['direct', 'group'] as const)(
      'a cut after it had its effect in a %s chat: nobody can tell, but it is settled where it can be',
      async (kind) => {
        const { error, chat, again, find } = await failure({ kind: 'cut', when: 'after' }, kind);
        expect(error).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });
        expect(answers(chat)).toHaveLength(1);
        if (bench.adapter.findSent) expect(await find()).toMatchObject({ messageId: answers(chat)[0]?.id });
        if (bench.adapter.certainty !== 'idempotent') return;
        expect(await again()).toMatchObject({ messageId: answers(chat)[0]?.id });
        expect(answers(chat)).toHaveLength(1);
      },
    );

    test('an answer that says no is one, whatever its status', async () => {
      const { error, chat } = await failure({ kind: 'status', status: 200, body: JSON.stringify(refusal) });
      expect(error).toMatchObject({ code: 'platform_rejected', outcomeUnknown: false });
      expect(answers(chat)).toEqual([]);
    });

    test('an answer in no known form leaves open what happened', async () => {
      const { error } = await failure({ kind: 'status', status: 200, body: `<html>${PRIVATE}</html>` });
      expect(error).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });
    });

    test.each([500, 502, 504])('status %i: the platform is away', async (status) => {
      const { error } = await failure({ kind: 'status', status, body: `<html>${PRIVATE}</html>` });
      expect(error.code).toBe('platform_unavailable');
    });

    test('a wrong credential is one', async () => {
      const { target, part } = await prepare();
      const { url, credentials } = bench.simulator;
      const stranger = makeAdapter(descriptor, { credentials: descriptor.spoil(credentials), url });
      const error = await stranger.witness.refusal(stranger.adapter.postMessage(target, part, newSend()));
      expect(error).toMatchObject({ code: 'platform_unauthorized', outcomeUnknown: false });
      stranger.witness.expectDiscretion();
      await stranger.adapter.close();
    });

    test('nobody listens: it was certainly not sent', async () => {
      const { target, part } = await prepare();
      const gone = await startRecordedApi(descriptor);
      await gone.close();
      const lonely = makeAdapter(descriptor, { credentials: bench.simulator.credentials, url: gone.url });
      const error = await lonely.witness.refusal(lonely.adapter.postMessage(target, part, newSend()));
      expect(error).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: false });
      lonely.witness.expectDiscretion();
      await lonely.adapter.close();
    });

    test('an edit that fails says so', async ({ skip }) => {
      const edit: Adapter['editMessage'] = bench.adapter.editMessage;
      if (!edit) return skip('it cannot edit');
      const { target, part } = await prepare();
      const receipt = await bench.adapter.postMessage(target, part, newSend());
      const method = descriptor.outgoing.edits;
      const [other] = bench.adapter.formatReply(`other words ${PRIVATE}`);
      if (!other) return expect.fail('nothing to send');
      bench.simulator.misbehave({ method, times: 1, action: { kind: 'rate_limit', retryAfterSeconds: 3 } });
      const throttled = await bench.witness.refusal(edit(target, receipt, other, newSend()));
      expect(throttled).toMatchObject({ code: 'platform_rate_limited', retryAfterMs: 3000 });
      bench.simulator.misbehave({ method, times: 1, action: { kind: 'status', status: 500 } });
      const away = await bench.witness.refusal(edit(target, receipt, other, newSend()));
      expect(away.code).toBe('platform_unavailable');
      const unknown = { ...receipt, messageId: '999999999' };
      const gone = await bench.witness.refusal(edit(target, unknown, other, newSend()));
      expect(gone.code).toBe('platform_rejected');
    });
  });
}
