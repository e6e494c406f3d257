import type { Place } from './render.ts';
import type { Line } from './scan.ts';
import type { SpanFinder } from './spans.ts';

/** How good a place is for a cut; lower is better. */
export const TIER = {
  /** Between two blocks of the document. */
  block: 0,
  /** Between two items of an outer list. */
  item: 1,
  /** Between table rows, lines of code, and blocks or items inside a list or quote. */
  row: 2,
  /** After a sentence or a line of a paragraph. */
  sentence: 3,
  word: 4,
  /** Between words inside emphasis or a code span, which is closed and reopened. */
  wordInSpan: 5,
  /** Between graphemes (what a reader takes for one character). */
  grapheme: 6,
} as const;

export interface Cut extends Place {
  tier: number;
}

/** The cut before line `index`, or undefined where a cut would change what the text means. */
export function lineCut(lines: Line[], spans: SpanFinder, index: number): Cut | undefined {
  const line = lines[index];
  if (!line || line.role === 'blank') return undefined;
  const previous = lastBeforeBlanks(lines, index);
  if (!previous) return undefined;
  const tier = previous.block === line.block ? tierInBlock(line, previous, spans) : tierBetweenBlocks(line, previous);
  return tier === undefined ? undefined : { line: index, column: 0, tier };
}

function lastBeforeBlanks(lines: Line[], index: number): Line | undefined {
  let before = index - 1;
  while (lines[before]?.role === 'blank') before--;
  return lines[before];
}

function tierInBlock(line: Line, previous: Line, spans: SpanFinder): number | undefined {
  switch (line.role) {
    case 'code':
    case 'fence end':
      return previous.role === 'fence' ? undefined : TIER.row;
    case 'row':
      return previous.role === 'rule' ? undefined : TIER.row;
    case 'text':
      return looksLikeBlock(line.text) ? undefined : tierOf(spans, line, 0, TIER.sentence);
    default:
      return undefined;
  }
}

function tierBetweenBlocks(line: Line, previous: Line): number {
  if (previous.block.kind === 'heading') return TIER.sentence; // a heading belongs to what follows
  if (line.continued > 0) return TIER.row;
  const isNextItem = line.containers[0]?.kind === 'item' && previous.containers[0]?.kind === 'item';
  const isIntroduced = /[:：]$/.test(previous.text.trimEnd());
  return isNextItem || isIntroduced ? TIER.item : TIER.block;
}

/** After `.` and the like with a space, or a full-width mark without one; quotes and brackets close with the sentence. */
const SENTENCE_END = /[.!?…]["'”’)\]*_]*[ \t]+|[。！？；…]["'”’」』）》*_]*[ \t]*/g;
const WORD_END = /[ \t\u3000]+/g;
/** East Asian text has no spaces, so between most of its characters is between words; not before or after these marks. */
const IDEOGRAPH_END =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}，。！？；：、）」』】》](?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}（「『【《])/gu;

/** Whether a line may be cut at all: half a fence's first line or half a table's header would be neither. */
export function isCuttable(line: Line): boolean {
  return line.role === 'text' || line.role === 'code' || line.role === 'row';
}

/** Sentence and word cuts in one line's text, for columns in (from, to]. */
export function inlineCuts(line: Line, index: number, spans: SpanFinder, from: number, to: number): Cut[] {
  if (!isCuttable(line)) return [];
  const cuts: Cut[] = [];
  const window = line.text.slice(0, to + 1); // one more: whether a mark ends a word shows in the character after it
  const add = (pattern: RegExp, best: number) => {
    pattern.lastIndex = from;
    for (let match = pattern.exec(window); match; match = pattern.exec(window)) {
      const column = match.index + match[0].length;
      if (column <= from || column > to || column >= line.text.length) continue;
      if (looksLikeBlock(line.text.slice(column, column + 12))) continue;
      cuts.push({ line: index, column, tier: tierOf(spans, line, column, best) });
    }
  };
  if (line.block.kind === 'paragraph' || line.block.kind === 'plain') add(SENTENCE_END, TIER.sentence);
  add(WORD_END, TIER.word);
  add(IDEOGRAPH_END, TIER.word);
  return cuts.sort((a, b) => a.column - b.column || b.tier - a.tier);
}

/** A place inside something that can be closed and reopened is a last resort, inside a link a worse one. */
function tierOf(spans: SpanFinder, line: Line, column: number, best: number): number {
  const around = spans.around(line, column);
  if (around.length === 0) return best;
  return around.every((span) => span.delimiter !== undefined) ? TIER.wordInSpan : TIER.grapheme;
}

/** Text that at the start of a message would turn into a list, heading, quote, fence or rule. */
function looksLikeBlock(text: string): boolean {
  return /^[ \t]*(?:[-+*][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>|```|~~~|[-=]+[ \t]*$|(?:[-*_][ \t]*){3,}$)/.test(text);
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The last place in (from, to] that cuts no grapheme; if there is none, no surrogate pair; undefined if not even that. */
export function characterCut(line: Line, index: number, from: number, to: number): Cut | undefined {
  const column = graphemeStart(line.text, from, to) ?? codePointStart(line.text, from, to);
  return column === undefined ? undefined : { line: index, column, tier: TIER.grapheme };
}

function graphemeStart(text: string, from: number, to: number): number | undefined {
  if (to >= text.length) return to > from ? to : undefined;
  const start = GRAPHEMES.segment(text).containing(to)?.index ?? from;
  return start > from ? start : undefined;
}

function codePointStart(text: string, from: number, to: number): number | undefined {
  const unit = text.charCodeAt(to);
  const cut = unit >= 0xdc00 && unit <= 0xdfff ? to - 1 : to;
  return cut > from ? cut : undefined;
}
