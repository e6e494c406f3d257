import { type Cut, characterCut, inlineCuts, isCuttable, lineCut, TIER } from './cuts.ts';
import { type Place, renderChunk, trimBlankEnds } from './render.ts';
import { type Line, newBlock, scanLines } from './scan.ts';
import { createSpanFinder, type SpanFinder } from './spans.ts';

/**
 * Cuts markdown into chunks that each stand on their own: a fence cut in two is closed and reopened with its language,
 * a table cut in two repeats its header, and no word, link, entity or surrogate pair is cut unless it alone does not
 * fit. Joined text is complete: nothing is dropped. The same input gives the same chunks; blank input gives none.
 *
 * @param markdown the whole answer
 * @param fits whether a chunk is within the platform's limit; must be true for every single character, and false for a
 *   longer text once it is false for a shorter one. Called a logarithmic number of times a chunk
 * @throws RangeError when not even one character fits
 */
export function splitMarkdown(markdown: string, fits: (chunk: string) => boolean): string[] {
  const source = markdown.replace(/\r\n?/g, '\n');
  const whole = trimBlankEnds(source.split('\n'));
  if (whole === '') return [];
  if (fits(whole)) return [whole];

  const text: Text = { lines: scanLines(whole), spans: createSpanFinder(), fits, lastLines: 16, lastColumns: 2048 };
  const chunks: string[] = [];
  let from = skipBlank(text.lines, { line: 0, column: 0 });
  while (from) {
    const to = nextCut(text, from);
    if (to) {
      const chunk = renderChunk(text.lines, text.spans, from, to);
      if (chunk !== '') chunks.push(chunk);
      from = skipBlank(text.lines, to);
    } else {
      from = makePlain(text.lines, from);
    }
  }
  return chunks;
}

interface Text {
  lines: Line[];
  spans: SpanFinder;
  fits: (chunk: string) => boolean;
  /** How far the last chunk reached: where the search for the next one's end starts. */
  lastLines: number;
  lastColumns: number;
}

/** Where the chunk that starts at `from` ends; undefined when its first line cannot be cut with what must surround it. */
function nextCut(text: Text, from: Place): Place | undefined {
  const { lines, spans, fits } = text;
  const limit = furthestPlace(text, from);
  if (limit.line === lines.length) return limit;
  const isGood = (cut: Place) => fits(renderChunk(lines, spans, from, cut));

  const cut = bestFirst(cutsBetween(text, from, limit)).find(isGood);
  if (cut) return cut;
  const line = lines[limit.line];
  const start = limit.line === from.line ? from.column : 0;
  const forced = line && characterCut(line, limit.line, start, limit.column);
  if (forced && isGood(forced)) return forced;
  if (lines[from.line]?.block.kind !== 'plain') return undefined;
  if (limit.line > from.line) return { line: from.line + 1, column: 0 };
  throw new RangeError('splitMarkdown: not even one character fits');
}

/** The furthest place up to which the text from `from` on fits, cut anywhere. */
function furthestPlace(text: Text, from: Place): Place {
  const { lines, spans, fits } = text;
  const line = largest(from.line, lines.length, text.lastLines, (end) =>
    fits(renderChunk(lines, spans, from, { line: end, column: 0 })),
  );
  text.lastLines = Math.max(line - from.line, 1);
  const last = lines[line];
  const start = line === from.line ? from.column : 0;
  if (!last || !isCuttable(last)) return { line, column: start };
  const column = largest(start, last.text.length - 1, text.lastColumns, (end) =>
    fits(renderChunk(lines, spans, from, { line, column: end })),
  );
  text.lastColumns = Math.max(column - start, 16);
  return { line, column };
}

/** The largest whole number in (low, high] that passes, or low. Doubles steps from a first guess, then bisects. */
function largest(low: number, high: number, guess: number, passes: (value: number) => boolean): number {
  let good = low;
  let step = guess;
  let bad = high + 1;
  while (good < high) {
    const next = Math.min(good + step, high);
    if (!passes(next)) {
      bad = next;
      break;
    }
    good = next;
    step *= 2;
  }
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (passes(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

interface SizedCut extends Cut {
  /** Characters of source between the chunk's start and the cut. */
  size: number;
}

function cutsBetween({ lines, spans }: Text, from: Place, limit: Place): SizedCut[] {
  const cuts: SizedCut[] = [];
  let size = -from.column;
  for (let index = from.line; index <= limit.line; index++) {
    const line = lines[index];
    if (!line) break;
    const before = index > from.line ? lineCut(lines, spans, index) : undefined;
    if (before) cuts.push({ ...before, size });
    const start = index === from.line ? from.column : 0;
    const end = index === limit.line ? limit.column : line.text.length;
    for (const cut of inlineCuts(line, index, spans, start, end)) cuts.push({ ...cut, size: size + cut.column });
    size += line.text.length + 1;
  }
  return cuts;
}

/** How full a chunk must be, against the fullest possible, before a cut of that quality is good enough. */
const MIN_FILL: [tier: number, fill: number][] = [
  [TIER.block, 0.4],
  [TIER.item, 0.5],
  [TIER.row, 0.5],
  [TIER.sentence, 0.5],
  [TIER.word, 0],
  [TIER.wordInSpan, 0],
];
/** Cuts to try of each quality: the first fits unless closing what is open there happens to take more room. */
const TRIES = 4;

function bestFirst(cuts: SizedCut[]): SizedCut[] {
  const fullest = cuts.at(-1)?.size ?? 0;
  return MIN_FILL.flatMap(([tier, fill]) =>
    cuts
      .filter((cut) => cut.tier <= tier && cut.size >= fill * fullest)
      .slice(-TRIES)
      .reverse(),
  );
}

/** The next place with something to show. White space between two chunks belongs to neither. */
function skipBlank(lines: Line[], { line: index, column }: Place): Place | undefined {
  for (let at = index, from = column; at < lines.length; at++, from = 0) {
    const line = lines[at];
    const rest = line?.text.slice(from) ?? '';
    if (!line || line.role === 'fence end' || (rest.trim() === '' && (from > 0 || line.marker === ''))) continue;
    const isText = line.block.kind !== 'fence' && line.block.kind !== 'indented';
    return { line: at, column: from > 0 && isText ? from + rest.length - rest.trimStart().length : from };
  }
  return undefined;
}

/** Gives up the structure of the rest of a line: with its fence, header or markers not even a character would fit. */
function makePlain(lines: Line[], from: Place): Place {
  const line = lines[from.line];
  const source = line ? line.segments.join('') + line.marker : '';
  const text = from.column > 0 ? (line?.text.slice(from.column) ?? '') : source + (line?.text ?? '');
  const block = newBlock('plain');
  const plain: Line = {
    containers: [],
    continued: 0,
    segments: [],
    marker: '',
    text: text.trimStart(),
    block,
    role: 'text',
  };
  block.lines.push(plain);
  lines[from.line] = plain;
  return { line: from.line, column: 0 };
}
