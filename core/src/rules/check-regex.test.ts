import { describe, expect, it } from 'vitest';
import { checkRegex, compileRegex } from './check-regex.ts';

describe('checkRegex', () => {
  it.each([
    ['(a+)+', /more than one way/],
    ['(a*)*', /more than one way/],
    ['(a+)+$', /more than one way/],
    ['(a|a)*b', /more than one way/],
    ['(a|ab)*c', /more than one way/],
    ['(\\w|\\d)*x', /more than one way/],
    ['(.*)*x', /more than one way/],
    ['^(\\w+\\s?)*$', /more than one way/],
    ['(x+x+)+y', /more than one way/],
    ['((a+)b?)+c', /more than one way/],
    ['(a?){30}b', /more than one way/],
    ['(?:(?:a+)+)', /more than one way/],
    ['(?=(a+)+)b', /more than one way/],
    ['(a{1,20}){1,20}b', /more than one way/],
    ['([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+', /more than one way/],
    ['.*a.*b.*c', /too many repetitions/],
    ['\\d+\\d+\\d+$', /too many repetitions/],
    [`${'a?'.repeat(30)}${'a'.repeat(30)}`, /too many repetitions/],
    ['(a)\\1', /back-references/],
    ['(?<n>a)\\k<n>', /back-references/],
    ['(', /not a regular expression.*Unterminated group/],
    ['[', /not a regular expression/],
  ])('refuses %s', (source, reason) => {
    expect(checkRegex(source)).toMatch(reason);
  });

  it.each([
    'E\\d{6}',
    '^hi$',
    '(hi|hello|hey)',
    '.*refund.*money.*',
    '^(?:how|what).*(?:price|cost)',
    '(\\w+\\s)+',
    '(?:\\d+,)*\\d+',
    '(\\d{1,3}\\.){3}\\d{1,3}',
    '(?:\\d[ -]?){13,19}',
    '(?:foo|far)+',
    '[\\w.+-]+@[\\w-]+\\.[a-z]{2,}',
    'https?://\\S+',
    '你好.*吗',
    '\\p{Script=Han}+',
    '(?i:hello)',
    'a\\-b',
    '^/?help\\b',
    '',
  ])('accepts %s', (source) => {
    expect(checkRegex(source)).toBeUndefined();
  });

  it('copes with deep nesting', () => {
    expect(checkRegex(`${'('.repeat(400)}a${')'.repeat(400)}`)).toBeUndefined();
  });
});

describe('compileRegex', () => {
  it('is Unicode-aware where the pattern allows it', () => {
    expect(compileRegex('^.$').test('👍')).toBe(true);
    expect(compileRegex('a\\-b').test('a-b')).toBe(true); // `\-` is an error with the u flag
  });
});
