import { createHash } from 'node:crypto';
import type { RecordedRequest } from '@parley/simulators/models';
import { describe, expect, test } from 'vitest';
import { planFaults } from './director.ts';
import { CRASH_POINTS } from './faults.ts';
import { judgeAnswer, outOfOrder } from './judge.ts';
import { createLedger } from './ledger.ts';
import { answeredIn, answerLines, answerText, askedIn, questionText } from './questions.ts';
import { createRandom } from './random.ts';
import { createKills, modelKeyOf, quantile, recoveries } from './recovery.ts';

/** A proof is worth what its judge would find: each fault, planted, is found. */
const MARKERS = Array.from({ length: 400 }, (_, i) => `q${i}-1`);
const several = MARKERS.find((marker) => answerLines(marker).length > 3) as string;
const single = MARKERS.find((marker) => answerLines(marker).length === 1) as string;
const long = MARKERS.find((marker) => answerLines(marker).length > 20) as string;
const whole = { text: answerText(several) };
const lines = answerLines(several);
const beginning = { text: `${lines.slice(0, 2).join('\n')}\n${lines[2]?.slice(0, 12)}…` };

describe('markers', () => {
  test('a question is told from an answer, and one number from a longer one', () => {
    expect(askedIn(`@bot ${questionText('q12-3')}`)).toBe('q12-3');
    expect(askedIn(answerText('q12-3'))).toBeUndefined();
    expect(answeredIn(`${answerText('q1-1')}\n${answerText('q1-11')}`)).toEqual(['q1-1', 'q1-11']);
    expect(answeredIn(questionText('q1-1'))).toEqual([]);
  });

  test('answers of one line, of several, and longer than a message of Telegram', () => {
    expect([single, several, long].every(Boolean)).toBe(true);
    expect(answerText(long).length).toBeGreaterThan(4_096);
    expect(new Set(answerLines(long)).size).toBe(answerLines(long).length);
  });
});

describe('one answer', () => {
  test.each([single, several, long])('%s in one message is right', (marker) => {
    expect(judgeAnswer(marker, [{ text: answerText(marker) }])).toEqual([]);
  });

  test('in two messages, each line once, is right', () => {
    const both = [{ text: lines.slice(0, 2).join('\n') }, { text: lines.slice(2).join('\n') }];
    expect(judgeAnswer(several, both)).toEqual([]);
  });

  test.each([
    ['nothing', [], ['lost']],
    ['only its beginning', [beginning], ['lost']],
    ['only a line less', [{ text: lines.slice(0, -1).join('\n') }], ['lost']],
    ['two whole messages', [whole, whole], ['doubled']],
    [
      'a part twice',
      [{ text: lines.slice(0, 2).join('\n') }, { text: lines.slice(0, 2).join('\n') }, whole],
      ['stuck', 'doubled'],
    ],
    ['a message with the end of it again', [whole, { text: lines.at(-1) as string }], ['doubled']],
    ['the text twice in one message', [{ text: `${whole.text}\n${whole.text}` }], ['doubled']],
    ['a preview beside it', [beginning, whole], ['stuck']],
    ['a preview in front of it in the message', [{ text: `${beginning.text}\n${whole.text}` }], ['doubled']],
    ['something else in the message', [{ text: `${whole.text}\nSorry.` }], ['garbled']],
  ])('%s', (_, messages, faults) => {
    const found = judgeAnswer(several, messages);
    expect(found.length).toBeGreaterThan(0);
    for (const fault of found) expect(faults).toContain(fault);
  });
});

describe('order', () => {
  const asked = (index: number, over: object) => ({
    marker: `q1-${index}`,
    platform: 'slack' as const,
    chat: 'chat1',
    index,
    askedAt: index,
    modelCalls: [],
    ...over,
  });

  test('an answer before that of a question accepted earlier is found', () => {
    const first = asked(1, { firstTriedAt: 10, acceptedAt: 20, completeAt: 200 });
    const second = asked(2, { firstTriedAt: 30, acceptedAt: 40, completeAt: 100 });
    expect(outOfOrder([first, second])).toEqual(['q1-2']);
    expect(outOfOrder([first, { ...second, completeAt: 300 }])).toEqual([]);
  });

  test('questions under way together may be answered in either order', () => {
    const first = asked(1, { firstTriedAt: 10, acceptedAt: 50, completeAt: 200 });
    const second = asked(2, { firstTriedAt: 30, acceptedAt: 40, completeAt: 100 });
    expect(outOfOrder([first, second])).toEqual([]);
  });
});

describe('recovery', () => {
  test('counts from the last kill that hit a chat to its next complete answer', () => {
    const ledger = createLedger();
    ledger.ask({ marker: 'q1-1', platform: 'slack', chat: 'chat1', index: 1 });
    ledger.accepted('q1-1');
    const kills = createKills(ledger, []);
    kills.happened('kill worker', { role: 'worker', name: 'worker-1' });
    kills.happened('kill gateway', { role: 'gateway', name: 'gateway-1' });
    expect(kills.all.map(({ hit }) => hit.length)).toEqual([1, 0]);
    const at = kills.all[0]?.at ?? 0;
    const question = ledger.questions.get('q1-1');
    if (question) question.completeAt = at + 4_000;
    expect(recoveries(kills, ledger)).toMatchObject({ measured: [{ seconds: 4 }], leftOut: 0 });
    expect(recoveries(kills, ledger, 'feishu')).toEqual({ measured: [], leftOut: 0 });
    kills.unreachable({ platform: 'telegram', from: at, until: at + 1_000 });
    expect(recoveries(kills, ledger).measured).toHaveLength(1);
    kills.unreachable({ platform: 'slack', from: at + 3_900, until: at + 9_000 });
    expect(recoveries(kills, ledger)).toEqual({ measured: [], leftOut: 1 });
  });

  test('a worker that somebody else has taken the question from does not count', () => {
    const ledger = createLedger();
    ledger.ask({ marker: 'q1-1', platform: 'slack', chat: 'chat1', index: 1 });
    ledger.accepted('q1-1');
    const fingerprint = createHash('sha256').update(modelKeyOf('worker-2')).digest('hex').slice(0, 12);
    const request = {
      chat: { messages: [{ role: 'user', content: questionText('q1-1') }] },
      keyFingerprint: fingerprint,
    };
    const kills = createKills(ledger, [request as unknown as RecordedRequest]);
    kills.happened('kill worker', { role: 'worker', name: 'worker-1' });
    kills.happened('kill worker', { role: 'worker', name: 'worker-2' });
    expect(kills.all.map(({ hit }) => hit.length)).toEqual([0, 1]);
  });

  test('quantiles', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([0.5, 0.99, 1].map((share) => quantile(numbers, share))).toEqual([50, 99, 100]);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});

describe('the plan', () => {
  test('is the same for the same seed, and another for another', () => {
    const plan = (seed: number) => planFaults(50, createRandom(seed));
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  test('breaks at every named step', () => {
    const plan = planFaults(60, createRandom(1));
    for (const point of CRASH_POINTS) expect(plan).toContain(`crash at ${point}`);
  });
});
