import type { Language } from '../message/index.ts';

const HAN = /\p{Script=Han}/gu;
/** Japanese and Korean mix in Han characters, too; Chinese has at most a stray one of these, as in a brand's name. */
const KANA_OR_HANGUL = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/**
 * The language the hub answers in when it speaks itself. The text decides where it can (one Chinese character is
 * enough: people mix English words into Chinese, seldom the other way), then the client's locale, then English.
 *
 * @param locale BCP 47 tag as the platform gives it, such as `zh-hans` or `en-US`
 */
export function detectLanguage(text: string, locale?: string | undefined): Language {
  const han = count(text, HAN);
  if (han > 0 && count(text, KANA_OR_HANGUL) * 4 <= han) return 'zh';
  if (/\p{Letter}/u.test(text)) return 'en';
  return locale?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
