import AhoCorasick from 'modern-ahocorasick';
import { isInsideWord } from '../rules/index.ts';
import type { Span } from './spans.ts';

/** Tens of thousands of words, looked for at once. */
export interface Keywords {
  readonly isEmpty: boolean;
  /** Where they stand in a text, as words of their own in scripts that have such; `before` and `after`: what is around it. */
  find(text: string, before?: string, after?: string): Span[];
  /** From where on a text that goes on may be the beginning of one; the text's length if from nowhere. */
  openFrom(text: string): number;
}

/** Invisible characters that are put between letters to get past a list. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/;
const ASCII = /^[\0-\x7f]*$/;

/** A text without case, width and invisible characters, and where each of its characters came from. */
interface Folded {
  text: string;
  /** Offset in the original of a character, or of the end. */
  from(at: number): number;
}

export function compileKeywords(words: readonly string[], kind: string): Keywords {
  const folded = [...new Set(words.map((word) => fold(word.trim()).text))].filter((word) => word !== '').sort();
  const matcher = folded.length > 0 ? new AhoCorasick(folded) : undefined;
  const longest = folded.reduce((max, word) => Math.max(max, word.length), 0);

  return {
    isEmpty: matcher === undefined,
    find(original, before = '', after = '') {
      if (!matcher) return [];
      const { text, from } = fold(original);
      const around = fold(before.slice(-2)).text;
      const whole = around + text + fold(after.slice(0, 2)).text;
      const shift = around.length;
      return matcher
        .search(text)
        .filter(({ start, end }) => !isInsideWord(whole, start + shift) && !isInsideWord(whole, end + shift))
        .map(({ start, end }) => ({ start: from(start), end: from(end), kind }));
    },
    openFrom(original) {
      if (!matcher) return original.length;
      const { text, from } = fold(original);
      for (let start = Math.max(0, text.length - longest); start < text.length; start++) {
        if (beginsOne(folded, text.slice(start))) return from(start);
      }
      return original.length;
    },
  };
}

/** Whether a word of the sorted list begins so. */
function beginsOne(sorted: readonly string[], beginning: string): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < beginning) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.startsWith(beginning) ?? false;
}

function fold(text: string): Folded {
  // Nothing moves, and nothing of it is invisible.
  if (ASCII.test(text)) return { text: text.toLowerCase(), from: (at) => at };
  let result = '';
  const from: number[] = [];
  let at = 0;
  for (const character of text) {
    if (!INVISIBLE.test(character)) {
      const plain = character.normalize('NFKC').toLowerCase();
      for (let i = 0; i < plain.length; i++) from.push(at);
      result += plain;
    }
    at += character.length;
  }
  return { text: result, from: (index) => from[index] ?? text.length };
}
