import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { RuleConfig } from '../config/index.ts';
import { compileRules } from './rules.ts';

function rule(match: RuleConfig['match'], reply = 'yes', tenant = 'acme'): RuleConfig {
  return { tenant, match, reply };
}

function replyTo(match: RuleConfig['match'], text: string): string | undefined {
  const action = compileRules([rule(match)]).match('acme', text)?.action;
  return action?.kind === 'reply' ? action.text : undefined;
}

describe('exact', () => {
  it.each(['hi', ' HI\n', 'ＨＩ'])('matches %j', (text) => {
    expect(replyTo({ exact: ['Hi', '你好'] }, text)).toBe('yes');
  });

  it.each(['hi there', 'h', ''])('does not match %j', (text) => {
    expect(replyTo({ exact: ['Hi', '你好'] }, text)).toBeUndefined();
  });
});

describe('prefix', () => {
  it('matches the beginning only', () => {
    expect(replyTo({ prefix: ['order', 'bestell'] }, 'ORDER 42')).toBe('yes');
    expect(replyTo({ prefix: ['order'] }, 'my order')).toBeUndefined();
  });
});

describe('keywords', () => {
  it.each([
    ['refund', 'I want a REFUND!', true],
    ['hi', 'this', false],
    ['hi', 'this, hi', true],
    ['退款', '我要退款吗', true],
    ['gpt4', 'is gpt4o here', false],
    ['c++', 'I like C++.', true],
    ['opening hours', 'what are your Opening Hours?', true],
    ['café', 'a cafés', false],
  ])('%s in %j: %s', (keyword, text, expected) => {
    expect(replyTo({ keywords: ['unrelated', keyword] }, text) !== undefined).toBe(expected);
  });
});

describe('regex', () => {
  it('sees the text as written', () => {
    expect(replyTo({ regex: '^E\\d{6}$' }, ' E123456 ')).toBe('yes');
    expect(replyTo({ regex: '^E\\d{6}$' }, 'e123456')).toBeUndefined();
  });

  it('looks at a bounded part of a long text', () => {
    expect(replyTo({ regex: 'end' }, `${'x'.repeat(2000)}end`)).toBeUndefined();
  });

  it('refuses a dangerous pattern and says which rule has it', () => {
    expect(() => compileRules([rule({ exact: ['a'] }), rule({ regex: '(a+)+' })])).toThrow(/rules\.1\.match\.regex/);
  });
});

describe('order', () => {
  const set = compileRules([
    rule({ regex: '^a' }, 'other', 'other'),
    rule({ keywords: ['apple'] }, 'keyword'),
    rule({ exact: ['apple'] }, 'exact'),
    rule({ regex: 'pea' }, 'regex'),
    rule({ prefix: ['pe'] }, 'prefix'),
    rule({ exact: ['pea'] }, 'late'),
  ]);

  it.each([
    ['apple', { action: { kind: 'reply', text: 'keyword' }, index: 1 }],
    ['pea', { action: { kind: 'reply', text: 'regex' }, index: 3 }],
    ['pear tree', { action: { kind: 'reply', text: 'regex' }, index: 3 }],
    ['pebble', { action: { kind: 'reply', text: 'prefix' }, index: 4 }],
    ['ant', undefined],
  ])('%s', (text, expected) => {
    expect(set.match('acme', text)).toEqual(expected);
  });

  it('keeps tenants apart', () => {
    expect(set.match('other', 'ant')).toEqual({ action: { kind: 'reply', text: 'other' }, index: 0 });
    expect(set.match('nobody', 'apple')).toBeUndefined();
  });

  it('is what going through the rules one by one gives', () => {
    const word = fc.constantFrom('a', 'ab', 'b', 'ba', 'c', '你', '好 a');
    const words = fc.array(word, { minLength: 1, maxLength: 3 });
    const match = fc.oneof(
      fc.record({ exact: words }),
      fc.record({ prefix: words }),
      fc.record({ keywords: words }),
      fc.record({ regex: fc.constantFrom('^a', 'b$', 'a.*c') }),
    );
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ' ', '你', '好'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(match, { maxLength: 8 }), text, (matches, said) => {
        const rules = matches.map((each, index) => rule(each, String(index)));
        const first = rules.findIndex((each) => compileRules([each]).match('acme', said));
        expect(compileRules(rules).match('acme', said)?.index ?? -1).toBe(first);
      }),
    );
  });
});

test('a rule can also pick a model or say that nothing is to be said', () => {
  const set = compileRules([
    { tenant: 'acme', match: { exact: ['quiet'] }, ignore: true },
    { tenant: 'acme', match: { keywords: ['poem'] }, model: 'claude' },
  ]);
  expect(set.match('acme', 'quiet')?.action).toEqual({ kind: 'ignore' });
  expect(set.match('acme', 'a poem please')).toEqual({ action: { kind: 'model', model: 'claude' }, index: 1 });
});
