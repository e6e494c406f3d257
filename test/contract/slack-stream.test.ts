import { describe, expect, test, vi } from 'vitest';
import { useSlackAnswers } from './slack-answers.ts';

const ANSWER = 'Use **two** steps:\n\n1. run `npm start`\n2. open [the page](https://x.test) & <wait>\n';

const bench = useSlackAnswers();
const { KEY, another, answers, api, ask, calls, cut, expectAnswer, fail, open, ours, partOf, write } = bench;

describe('a native stream', () => {
  test('grows in the thread and ends as the exact answer', async () => {
    const target = await ask();
    const stream = await open(target);
    expect(bench.slack.calls).toEqual([]);
    await write(stream, ANSWER);
    expect(answers()[0]?.versions.length).toBeGreaterThan(4);
    // No preview ever takes back what an earlier one has shown.
    for (const call of bench.slack.calls) expect(call.method).toMatch(/^chat\.(start|append)Stream$/);
    const receipt = await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
    expect(receipt).toEqual({ messageId: answers()[0]?.id, refs: [answers()[0]?.id] });
    expect(calls(/update|postMessage/)).toEqual([]);
    expect(bench.saved).toEqual([
      { mode: 'native', starting: true },
      { mode: 'native', ts: receipt.messageId },
    ]);
  });

  test('runs in the thread of a direct chat', async () => {
    const thread = (await bench.slack.say({ chat: 'direct', text: 'before' })).id;
    const target = { ...(await ask('direct')), thread };
    const stream = await open(target);
    await write(stream, ANSWER);
    await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
    expect(calls(/update|postMessage/)).toEqual([]);
  });

  test('may be finished again, here and by another process', async () => {
    const target = await ask();
    const stream = await open(target);
    await write(stream, ANSWER);
    const receipt = await stream.finish(partOf(ANSWER));
    expect(await stream.finish(partOf(ANSWER))).toEqual(receipt);
    for (const state of bench.saved.slice()) {
      const resumed = await open(target, state, another());
      expect(await resumed.finish(partOf(ANSWER))).toEqual(receipt);
    }
    await expectAnswer(target, ANSWER);
  });

  test.each(['appendStream', 'stopStream'])('that Slack has ended is edited (%s)', async (call) => {
    const target = await ask();
    const stream = await open(target);
    await write(stream, ANSWER.slice(0, 30));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 });
    if (call === 'appendStream') await write(stream, ANSWER);
    expect(calls(/update/).length > 0).toBe(call === 'appendStream');
    await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
  });

  test('whose text turns out otherwise is edited', async () => {
    const target = await ask();
    const stream = await open(target);
    await write(stream, ANSWER);
    const other = `Sorry. ${'Quite another answer. '.repeat(20)}`;
    await stream.update(other);
    expect(answers()[0]?.text).toBe(other.trim());
    await stream.finish(partOf(other));
    await expectAnswer(target, other);
    expect(bench.saved.at(-1)).toMatchObject({ mode: 'edit' });
  });

  test('ends with another text than the previews', async () => {
    const target = await ask();
    const stream = await open(target);
    await write(stream, ANSWER);
    await stream.finish(partOf('Refused.'));
    await expectAnswer(target, 'Refused.');
  });

  test('keeps long answers, other scripts and surrogates whole', async () => {
    const unit = '第一步：**安装** 😀👩‍👩‍👧‍👦 `命令`，然后 [文档](https://x.test/路径)。\n';
    const answer = unit.repeat(Math.floor(12_000 / unit.length)).trim();
    const target = await ask();
    const stream = await open(target);
    await write(stream, answer, 701);
    await stream.finish(partOf(answer));
    await expectAnswer(target, answer);
    expect(calls(/update/)).toEqual([]);
  });

  test('pings nobody, at no moment', async () => {
    const answer = `Ask <!channel> or <@${bench.slack.userId('bo')}> now, not <!here|all>.`;
    const target = await ask();
    const stream = await open(target);
    await write(stream, answer, 1);
    await stream.finish(partOf(answer));
    for (const version of answers()[0]?.versions ?? []) expect(version).not.toMatch(/<!(?:channel|here)|@bo\b/);
    await expectAnswer(target, answer);
  });

  test('says how long to wait when it is throttled, and catches up', async () => {
    const target = await ask();
    const stream = await open(target);
    await write(stream, ANSWER.slice(0, 30));
    const stop = bench.slack.misbehave({ action: { kind: 'rate_limit', retryAfterSeconds: 3 } });
    await expect(stream.update(ANSWER)).rejects.toMatchObject({ code: 'platform_rate_limited', retryAfterMs: 3000 });
    await expect(stream.finish(partOf(ANSWER))).rejects.toMatchObject({ code: 'platform_rate_limited' });
    stop();
    await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
    expect(calls(/update/)).toEqual([]);
  });

  test('does not wait for a message that was deleted', async () => {
    const target = await ask();
    const stream = await open(target);
    await write(stream, ANSWER);
    fail('chat.stopStream', 'message_not_found');
    await expect(stream.finish(partOf(ANSWER))).rejects.toMatchObject({ code: 'platform_rejected' });
  });
});

describe('edits', () => {
  test('show an answer in the main flow of a direct chat', async () => {
    const target = await ask('direct');
    const stream = await open(target);
    await write(stream, ANSWER);
    await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
    expect(calls(/Stream/).filter((method) => method !== 'chat.appendStream')).toEqual([]);
    expect(answers()[0]?.edits).toBeGreaterThan(3);
    expect(stream.intervalMs).toBeGreaterThanOrEqual(1200);
  });

  test.each(['unknown_method', 'missing_scope', 'channel_type_not_supported'])(
    'take the place of a stream that is refused as %s, also for the next answers',
    async (error) => {
      fail('chat.startStream', error, 2);
      const target = await ask();
      const stream = await open(target);
      await write(stream, ANSWER);
      await stream.finish(partOf(ANSWER));
      await expectAnswer(target, ANSWER);
      const next = await open(await ask());
      await write(next, ANSWER);
      await next.finish(partOf(ANSWER));
      expect(calls(/startStream/)).toHaveLength(1);
    },
  );

  test('a refusal that is about one answer says nothing of the next', async () => {
    fail('chat.startStream', 'user_not_found');
    for (const _ of [1, 2]) {
      const stream = await open(await ask());
      await write(stream, ANSWER);
      await stream.finish(partOf(ANSWER));
    }
    expect(calls(/startStream/)).toHaveLength(2);
  });

  test('hold a long answer, with and without its markup', async () => {
    const answer = `${'A line of text & more.\n'.repeat(440)}end`;
    const target = await ask('direct');
    const stream = await open(target);
    await stream.update('A line');
    await stream.finish(partOf(answer));
    await expectAnswer(target, answer);
    fail('chat.update', 'invalid_blocks');
    await stream.finish(partOf(answer));
    expect(answers()[0]?.text).toBe(answer);
  });

  test('of a message that was deleted are refused', async () => {
    const target = await ask('direct');
    const stream = await open(target);
    await stream.update('An answer');
    await api('chat.delete', { channel: target.chat.id, ts: answers()[0]?.id });
    await expect(stream.finish(partOf(ANSWER))).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(answers()).toEqual([]);
  });
});

describe.each(['group', 'direct'] as const)('in a %s chat', (kind) => {
  const makes = kind === 'group' ? 'chat.startStream' : 'chat.postMessage';

  test('an answer that was never previewed is posted once', async () => {
    const target = await ask(kind);
    cut('chat.postMessage', 'after');
    const stream = await open(target);
    await expect(stream.finish(partOf(ANSWER))).rejects.toMatchObject({ outcomeUnknown: true });
    await stream.finish(partOf(ANSWER));
    await (await open(target, bench.saved.at(-1), another())).finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
  });

  test.each(['before', 'after'] as const)('a beginning cut %s it had effect leaves one message', async (when) => {
    const target = await ask(kind);
    cut(makes, when);
    const stream = await open(target);
    await expect(stream.update(ANSWER)).rejects.toMatchObject({ outcomeUnknown: true });
    await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
  });

  test.each(['before', 'after'] as const)('and so it does in another process (%s)', async (when) => {
    const target = await ask(kind);
    cut(makes, when);
    await expect((await open(target)).update('Another try of the model')).rejects.toThrow();
    const stream = await open(target, bench.saved.at(-1), another());
    await write(stream, ANSWER);
    await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
  });

  test('every state that was saved can be gone on from', async () => {
    for (const index of [0, 1]) {
      const target = await ask(kind);
      const before = bench.saved.length;
      const stream = await open(target);
      await write(stream, 'What the model said at first, which is something else.');
      stream.abandon();
      const callsBefore = bench.slack.calls.length;
      const resumed = await open(target, bench.saved[before + index], another());
      expect(bench.slack.calls).toHaveLength(callsBefore);
      await write(resumed, ANSWER);
      await resumed.finish(partOf(ANSWER));
      await expectAnswer(target, ANSWER);
      await api('chat.delete', { channel: target.chat.id, ts: answers()[0]?.id });
    }
  });

  test.each(['appendStream', 'stopStream', 'update'])('a %s of unknown outcome leaves the exact text', async (call) => {
    for (const when of ['before', 'after'] as const) {
      const target = await ask(kind);
      const stream = await open(target);
      await write(stream, ANSWER.slice(0, 30));
      const stop = cut(`chat.${call}`, when);
      await stream.update(ANSWER.slice(0, 60)).catch(() => undefined);
      await stream.finish(partOf(ANSWER)).catch(() => stream.finish(partOf(ANSWER)));
      stop();
      await expectAnswer(target, ANSWER);
      await api('chat.delete', { channel: target.chat.id, ts: answers()[0]?.id });
    }
  });
});

describe('a stream whose start is in doubt', () => {
  test('is not mixed up with answers to others in the thread', async () => {
    const target = await ask();
    const bo = {
      ...target,
      messageId: (await bench.slack.say({ chat: 'group', text: 'and I?', from: 'bo', thread: target.messageId })).id,
      thread: target.messageId,
    };
    await ours().postMessage(bo, partOf('To bo'), { idempotencyKey: 'another-turn' });
    cut('chat.startStream', 'before');
    const stream = await open(target);
    await expect(stream.update(ANSWER)).rejects.toThrow();
    await stream.finish(partOf(ANSWER));
    expect(answers().map(({ text }) => text)).toEqual(['To bo', expect.stringContaining('Use two steps')]);
  });

  test('is left alone when nobody can tell it from another', async () => {
    const target = await ask();
    const post = { channel: target.chat.id, thread_ts: target.messageId };
    await api('chat.postMessage', { ...post, text: 'one' });
    await api('chat.postMessage', { ...post, text: 'two' });
    await (await open(target, { mode: 'native', starting: true })).finish(partOf(ANSWER));
    expect(answers().map(({ text }) => text)).toEqual(['one', 'two', expect.stringContaining('Use two steps')]);
  });

  test('is not given up while the thread cannot be read', async () => {
    const target = await ask();
    const stream = await open(target, { mode: 'native', starting: true });
    fail('conversations.replies', 'missing_scope');
    await expect(stream.finish(partOf(ANSWER))).rejects.toMatchObject({ code: 'platform_rejected' });
    fail('conversations.replies', 'service_unavailable');
    await expect(stream.finish(partOf(ANSWER))).rejects.toMatchObject({ code: 'platform_unavailable' });
    expect(answers()).toEqual([]);
    await stream.finish(partOf(ANSWER));
    await expectAnswer(target, ANSWER);
  });
});

test('stops at once when the turn is no longer its own', async () => {
  const target = await ask();
  const lost = new Error('another worker has the turn');
  const stream = await ours().startStream?.(target, { idempotencyKey: KEY, save: () => Promise.reject(lost) });
  await expect(stream?.update(ANSWER)).rejects.toBe(lost);
  await expect(stream?.finish(partOf(ANSWER))).rejects.toBe(lost);
  stream?.abandon();
  expect(bench.slack.calls).toEqual([]);
});
