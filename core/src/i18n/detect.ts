import type { Language } from '../message/index.ts';

const HAN = /\p{Script=Han}/u;

/**
 * The language the hub answers in when it speaks itself. The text decides where it can (one Chinese character is
 * enough: people mix English words into Chinese, seldom the other way), then the client's locale, then English.
 *
 * @param locale BCP 47 tag as the platform gives it, such as `zh-hans` or `en-US`
 */
export function detectLanguage(text: string, locale?: string | undefined): Language {
  if (HAN.test(text)) return 'zh';
  if (/\p{Letter}/u.test(text)) return 'en';
  return locale?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
