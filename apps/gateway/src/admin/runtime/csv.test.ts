import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

test('quotes what must be quoted', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['x', 1],
        ['with, comma', 0.5],
        ['with "quotes"', 0],
        ['two\nlines', 2],
      ],
    ),
  ).toBe('a,b\r\nx,1\r\n"with, comma",0.5\r\n"with ""quotes""",0\r\n"two\nlines",2\r\n');
});

test('no text begins like a formula, whatever it is', () => {
  const nasty = fc
    .tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r', ''), fc.string())
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(nasty, (text) => {
      const [, cell = ''] = /^h\r\n([\s\S]*)\r\n$/.exec(toCsv(['h'], [[text]])) ?? [];
      const value = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
      expect(value).not.toMatch(/^[=+\-@\t\r]/);
      expect(value.replace(/^'(?=[=+\-@\t\r])/, '')).toBe(text);
    }),
  );
});
