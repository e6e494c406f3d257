import { describe, expect, it } from 'vitest';
import { detectLanguage } from './detect.ts';

describe('detectLanguage', () => {
  it.each([
    ['你好', undefined, 'zh'],
    ['请解释 Kubernetes pod', 'en-US', 'zh'],
    ['hello', 'zh-CN', 'en'],
    ['hello', undefined, 'en'],
    ['Привет', 'zh', 'en'],
    ['', 'zh-hans', 'zh'],
    ['', 'ZH-TW', 'zh'],
    ['', 'en', 'en'],
    ['', undefined, 'en'],
    ['123 👍 ?!', 'zh', 'zh'],
    ['123 👍 ?!', undefined, 'en'],
    ['㐀', undefined, 'zh'],
    ['これは日本語です', undefined, 'en'],
    ['日本語で答えて', 'ja', 'en'],
    ['请问优の良品怎么样', undefined, 'zh'],
  ] as const)('%j with locale %s is %s', (text, locale, language) => {
    expect(detectLanguage(text, locale)).toBe(language);
  });
});
