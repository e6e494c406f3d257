// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file's placeholders look like JavaScript's
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './index.ts';
import { interpolate } from './interpolate.ts';

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,10}$/);
const anyText = fc.string({ unit: 'binary', maxLength: 50 });

describe('interpolate', () => {
  it('fills a variable anywhere in a string, and takes its value as it is', () => {
    fc.assert(
      fc.property(name, anyText, anyText, anyText, (variable, value, before, after) => {
        const plain = (text: string): string => text.replaceAll('$', '').replaceAll('}', '');
        const text = `${plain(before)}\${${variable}}${plain(after)}`;
        const { data, issues } = interpolate({ a: [text] }, { [variable]: value });
        expect(issues).toEqual([]);
        expect(data).toEqual({ a: [`${plain(before)}${value}${plain(after)}`] });
      }),
    );
  });

  it('gives any text back once every ${ is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ' ') }), (text) => {
        // `$${` is the escape, so a dollar right before it would have to be escaped as well: left out here.
        fc.pre(!text.includes('$${'));
        const { data, issues } = interpolate(
          text.replaceAll('${', () => '$${'),
          { A: 'wrong' },
        );
        expect(issues).toEqual([]);
        expect(data).toBe(text);
      }),
    );
  });

  it('leaves everything without ${ alone', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        fc.pre(!JSON.stringify(data).includes('${'));
        expect(interpolate(data, {}).data).toEqual(data);
      }),
    );
  });

  it('never lets a value become structure', () => {
    const text = 'version: 1\ntenants: [{ id: t, system_prompt: "${P}" }]';
    fc.assert(
      fc.property(anyText, (value) => {
        const result = parseConfig(text, { P: `x"\n- ${value}: {} # \${P}` });
        expect(result.ok && result.config.tenants[0]?.system_prompt).toBe(`x"\n- ${value}: {} # \${P}`);
      }),
    );
  });

  it.each([
    ['${A}-${B}', '1-2'],
    ['$${A}', '${A}'],
    ['$A $$ {A}', '$A $$ {A}'],
    ['${EMPTY}', ''],
  ])('%s gives %s', (text, expected) => {
    expect(interpolate(text, { A: '1', B: '2', EMPTY: '' })).toMatchObject({ data: expected, issues: [] });
  });

  it.each(['${', '${}', '${A', '${A B}', '${1}', '${A:-x}'])('refuses %s', (text) => {
    expect(interpolate({ k: text }, { A: '1' }).issues).toEqual([
      { path: ['k'], message: expect.stringContaining('expected ${NAME}') },
    ]);
  });

  it('names each missing variable once per place', () => {
    expect(interpolate(['${X} ${X} ${Y}'], {}).issues).toEqual([
      { path: [0], message: 'the environment variable X is not set' },
      { path: [0], message: 'the environment variable Y is not set' },
    ]);
  });

  it('bounds what a file grows to', () => {
    const { issues } = interpolate('${A}'.repeat(100), { A: 'x'.repeat(1_000_000) });
    expect(issues[0]?.message).toMatch(/grows beyond/);
  });
});
