import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainTurn } from './explain.ts';
import { reasonOf } from './reasons.ts';
import { stepsOf } from './steps.ts';
import { tellTurn } from './tell.ts';
import type { TurnFacts } from './types.ts';

const facts = (over: Partial<TurnFacts>): TurnFacts => ({
  kind: 'model',
  status: 'success',
  errorCode: null,
  model: 'gpt',
  responseMs: 1_234,
  timeline: [],
  ...over,
});
const step = (what: string, detail: object = {}, atMs = 0) => ({ atMs, what, detail });
const attempt = (model: string, errorCode?: string) =>
  step('model_attempt', { model, status: errorCode ? 'failed' : 'success', errorCode });

describe('why', () => {
  test.each<[Partial<TurnFacts>, RegExp, RegExp]>([
    [{}, /^gpt answered; it took 1\.2 s\.$/, /^由 gpt 回答，用时 1\.2 秒。$/],
    [{ kind: 'cache' }, /came from the cache/, /缓存/],
    [{ kind: 'rule', timeline: [step('rule', { index: 2 })] }, /Rule 3 matched/, /规则 3/],
    [{ kind: 'ignored', timeline: [step('rule', { index: 0 })] }, /Rule 1 says not to answer/, /规则 1 要求不回答/],
    [{ kind: 'human', timeline: [step('taken_over', { by: 'Olga' })] }, /^Olga had taken/, /^Olga 已接管/],
    [{ kind: 'human', timeline: [step('operator', { by: 'Olga' })] }, /^Olga wrote this/, /由 Olga 在控制台撰写/],
    [
      { kind: 'guard', status: 'denied', timeline: [step('guard', { verdict: 'refused', reason: 'injection' })] },
      /change the bot’s instructions/,
      /更改机器人的指令/,
    ],
    [
      { kind: 'guard', status: 'denied', timeline: [step('guard', { verdict: 'refused', on: 'output' })] },
      /The answer contained a blocked keyword/,
      /回答中含有/,
    ],
    [
      {
        kind: 'quota',
        status: 'denied',
        errorCode: 'quota_exceeded',
        timeline: [step('quota', { admitted: false, level: 'user', window: 'day', unit: 'requests' })],
      },
      /requests a day for each person\): the quota is used up/,
      /每人每天请求数/,
    ],
    [
      { kind: 'failure', status: 'failed', errorCode: 'model_auth', timeline: [attempt('gpt', 'model_auth')] },
      /There was no answer: .*refuses the key\. An attempt at gpt failed/,
      /拒绝了密钥/,
    ],
    [
      { kind: 'failure', status: 'failed', errorCode: 'platform_rejected', timeline: [step('failed', { parts: 0 })] },
      /could not be delivered: the chat platform refused/,
      /未能送达/,
    ],
    [{ kind: 'failure', errorCode: 'stopped' }, /Somebody stopped/, /停止/],
    [
      { model: 'claude', timeline: [attempt('gpt', 'model_timeout'), attempt('claude')] },
      /claude answered.*An attempt at gpt failed: the model did not answer in time/,
      /调用 gpt 失败/,
    ],
    [
      { timeline: [step('replay', { of: 't0' }), step('merged'), step('taken', { attempt: 2 })] },
      /turn t0 .*2 messages .*A worker went on/,
      /轮次 t0.*2 条消息合并回答.*此前的尝试/,
    ],
    [
      { timeline: [step('guard', { verdict: 'pass', email: 1 }), step('downgraded', { model: 'mini' })] },
      /so mini was asked\..*Personal data was replaced/,
      /改用 mini.*个人信息/,
    ],
  ])('%j', (over, en, zh) => {
    const why = explainTurn(facts(over));
    expect(why.en).toMatch(en);
    expect(why.zh).toMatch(zh);
  });

  test('only some of many failures are told one by one', () => {
    const timeline = ['a', 'b', 'c', 'd', 'e'].map((model) => attempt(model, 'model_timeout'));
    expect(explainTurn(facts({ timeline })).en).toMatch(/2 more attempts failed\.$/);
  });

  test('whatever a timeline holds, there is an explanation in both languages', () => {
    const kind = fc.constantFrom('model', 'cache', 'rule', 'guard', 'quota', 'human', 'failure', 'of tomorrow');
    const status = fc.constantFrom('success', 'denied', 'failed');
    fc.assert(
      fc.property(kind, status, fc.array(fc.anything()), fc.string(), (kind, status, timeline, errorCode) => {
        const { en, zh } = explainTurn(facts({ kind, status, timeline, errorCode }));
        expect(en).not.toBe('');
        expect(zh).not.toBe('');
      }),
    );
  });
});

test('an unknown code stands for itself, also one that every object has', () => {
  expect(reasonOf('of_tomorrow')).toEqual({ en: 'of_tomorrow', zh: 'of_tomorrow' });
  expect(reasonOf('constructor').en).toBe('constructor');
  expect(reasonOf(null).en).toContain('unforeseen');
});

test('steps without a time of their own happened with the one before', () => {
  const timeline = [
    step('received'),
    step('decided', {}, 40),
    { what: 'model_attempt', detail: { a: null, b: 1 } },
    7,
    {},
  ];
  expect(stepsOf(timeline)).toEqual([
    { atMs: 0, what: 'received', detail: {} },
    { atMs: 40, what: 'decided', detail: {} },
    { atMs: 40, what: 'model_attempt', detail: { b: 1 } },
  ]);
});

test('parley why tells the facts, the reason and the steps', () => {
  const turn = {
    ...facts({ timeline: [step('received'), step('decided', { by: 'model' }, 40)] }),
    id: 't1',
    tenant: 'acme',
    channel: 'bot',
    platform: 'slack',
    user: 'u_1',
    tokensIn: 3,
    tokensOut: 4,
    costMicroUsd: 5,
    createdAt: new Date(0),
  };
  const told = tellTurn(turn, false);
  expect(told).toContain('acme / slack / bot / u_1');
  expect(told).toContain('gpt answered; it took 1.2 s.');
  expect(told).toContain('      40 ms  decided  by=model');
  expect(tellTurn(turn, true)).toContain('由 gpt 回答');
});
