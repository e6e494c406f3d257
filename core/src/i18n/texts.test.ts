import { describe, expect, it } from 'vitest';
import { HUB_TEXTS, type HubTextKey, hubText } from './texts.ts';

const keys = Object.keys(HUB_TEXTS) as HubTextKey[];
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();

describe('hub texts', () => {
  it.each(keys)('%s says the same in both languages', (key) => {
    const { en, zh } = HUB_TEXTS[key];
    expect(placeholders(zh)).toEqual(placeholders(en));
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(en).not.toMatch(/\p{Script=Han}/u);
    expect(en.trim()).toBe(en);
    expect(zh.trim()).toBe(zh);
  });

  it.each(keys)('%s uses Chinese punctuation in Chinese', (key) => {
    expect(HUB_TEXTS[key].zh).not.toMatch(/\p{Script=Han}[,.!?;:]/u);
  });

  it('names the reference in every failure', () => {
    for (const key of keys.filter((name) => name.startsWith('failed'))) {
      expect(hubText(key, 'en', { reference: 'req-1' })).toContain('req-1');
    }
  });
});

describe('hubText', () => {
  it('fills in placeholders', () => {
    expect(hubText('model_picked', 'en', { name: 'gpt-4o' })).toBe('This conversation now uses `gpt-4o`.');
    expect(hubText('model_picked', 'zh', { name: 'gpt-4o' })).toContain('`gpt-4o`');
  });

  it('takes values as they are', () => {
    expect(hubText('model_picked', 'en', { name: '$& {name}' })).toContain('`$& {name}`');
  });

  it('leaves unknown placeholders visible', () => {
    expect(hubText('model_picked', 'en')).toContain('{name}');
    expect(hubText('model_picked', 'en', { other: 'x' })).toContain('{name}');
  });
});
