import { createRequire } from 'node:module';
import type { GuardConfig } from '../config/index.ts';
import type { Span } from './spans.ts';

const require = createRequire(import.meta.url);
/** This function alone: the library's 113 files would be a part of every start. */
const { default: isIban }: typeof import('validator/lib/isIBAN.js') = require('validator/lib/isIBAN');

export type DetectorName = GuardConfig['mask'][number];

/** Every repetition has a bound, so that no text takes more than linear time. */
interface Detector {
  pattern: RegExp;
  /** Where in the match it really is; undefined: it only looks like it. Group `value` if the pattern has one. */
  check?: (found: string) => { start: number; end: number } | undefined;
}

const whole = (found: string) => ({ start: 0, end: found.length });
const when = (holds: (found: string) => boolean) => (found: string) => (holds(found) ? whole(found) : undefined);

const DETECTORS: Record<DetectorName, Detector> = {
  credit_card: { pattern: /(?<!\d)[2-6]\d(?:[ -]?\d){11,17}(?!\d)/g, check: cardIn },
  cn_id_card: {
    pattern: /(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])/g,
    check: when(hasIdChecksum),
  },
  cn_mobile: { pattern: /(?<![\d.])(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)/g },
  us_ssn: { pattern: /(?<![\d-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])/g },
  email: {
    pattern: /(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![\w-])/g,
  },
  iban: {
    pattern: /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?(?![A-Za-z0-9])/g,
    check: ibanIn,
  },
  secret: {
    pattern: new RegExp(
      [
        'sk-[A-Za-z0-9_-]{16,200}',
        'AKIA[0-9A-Z]{16}',
        'gh[pousr]_[A-Za-z0-9]{30,255}',
        'xox[abeprs]-[A-Za-z0-9-]{10,200}',
        'AIza[\\w-]{35}',
        'eyJ[\\w-]{10,2000}\\.[\\w-]{10,2000}\\.[\\w-]{5,2000}',
        '-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\\s\\S]{1,10000}?-----END [A-Z ]{0,20}PRIVATE KEY-----',
        '(?<=(?:password|passwd|secret|token|api[_-]?key|密码|口令)["\']?[ \\t]{0,3}[:=：][ \\t]{0,3}["\']?)[^\\s"\',;，；]{6,200}',
      ]
        .map((one) => `(?<![\\w-])(?:${one})`)
        .join('|'),
      'gi',
    ),
  },
};

/** Personal data and secrets of these kinds in a text; spans may overlap. */
export function detect(text: string, names: readonly DetectorName[]): Span[] {
  const plain = toAscii(text);
  return names.flatMap((name) => {
    const { pattern, check = whole } = DETECTORS[name];
    return [...plain.matchAll(pattern)].flatMap(({ 0: found, index }) => {
      const at = check(found);
      return at ? [{ kind: name, start: index + at.start, end: index + at.end }] : [];
    });
  });
}

const WIDE = /[\uff01-\uff5e\u3000]/;

/** Full-width letters, digits and signs as their ASCII twins: people type both. Nothing moves. */
function toAscii(text: string): string {
  if (!WIDE.test(text)) return text;
  return text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ');
}

const CARD_LENGTHS = [19, 18, 17, 16, 15, 14, 13];

/** A card number may be followed by another number: the longest beginning that ends where digits do and adds up. */
function cardIn(found: string): { start: number; end: number } | undefined {
  const positions = [...found.matchAll(/\d/g)].map(({ index }) => index);
  for (const length of CARD_LENGTHS) {
    const last = positions[length - 1];
    if (last === undefined || /\d/.test(found[last + 1] ?? '')) continue;
    const digits = found.slice(0, last + 1).replace(/\D/g, '');
    if (hasLuhnChecksum(digits) && !/^(\d)\1+$/.test(digits)) return { start: 0, end: last + 1 };
  }
  return undefined;
}

/** ISO/IEC 7812: from the right, every second digit counts double, as the sum of its own digits. */
function hasLuhnChecksum(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** GB 11643: weighted sum of the first seventeen digits, modulo 11. */
function hasIdChecksum(id: string): boolean {
  const sum = [...id.slice(0, 17)].reduce((total, digit, i) => total + Number(digit) * (2 ** (17 - i) % 11), 0);
  return '10X98765432'[sum % 11] === id[17]?.toUpperCase();
}

/** The number may run into the next word: the longest beginning of whole groups that adds up. */
function ibanIn(found: string): { start: number; end: number } | undefined {
  for (let end = found.length; end >= 15; end--) {
    if (/[A-Za-z0-9]/.test(found[end] ?? '')) continue;
    if (isIban(found.slice(0, end).replaceAll(' ', ''))) return { start: 0, end };
  }
  return undefined;
}
