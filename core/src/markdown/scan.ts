/**
 * Markdown as lines that know what they stand in: the quotes and list items around them and the block they are part of.
 * Marked's tokens do not say where in the source they came from, and cutting needs exactly that. Follows CommonMark's
 * block phase (https://spec.commonmark.org/0.31.2/#phase-1-block-structure) and GFM's tables.
 */
export interface Line {
  /** Every quote and list item the line stands in, outermost first, those it opens included. */
  containers: Container[];
  /** How many of `containers` were open before this line. */
  continued: number;
  /** Source text that continues a container (`> `, an item's indentation); shorter than `continued` on a lazy line. */
  segments: string[];
  /** Source text that opens new containers: `- `, `> 1. `. */
  marker: string;
  /** The rest of the line. */
  text: string;
  block: Block;
  role: 'blank' | 'text' | 'underline' | 'fence' | 'code' | 'fence end' | 'header' | 'rule' | 'row';
}

export type Container = { kind: 'quote' } | { kind: 'item'; columns: number };

export interface Block {
  kind: 'blank' | 'paragraph' | 'heading' | 'break' | 'fence' | 'indented' | 'table' | 'plain';
  /** Lines of the block, in order. */
  lines: Line[];
}

/** Deeper containers are taken as text, as `lexMarkdown` does. */
const MAX_DEPTH = 16;

const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const BREAK = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/;
const ITEM = /^( {0,3})([-+*]|\d{1,9}[.)])([ \t]+|$)/;
const QUOTE = /^ {0,3}>[ \t]?/;
const RULE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** Splits `markdown` (with `\n` line ends) into lines. Linear time. */
export function scanLines(markdown: string): Line[] {
  const lines: Line[] = [];
  for (const source of markdown.split('\n')) {
    const line = scanLine(source, lines.at(-1));
    line.block.lines.push(line);
    lines.push(line);
  }
  return lines;
}

function scanLine(source: string, previous: Line | undefined): Line {
  const open = previous?.containers ?? [];
  const { segments, rest } = continueContainers(source, open);
  const allContinued = segments.length === open.length;
  const blank = rest.trim() === '';

  if (previous && allContinued && isInFence(previous)) return fenceLine(previous, segments, rest);

  const opened = blank ? { containers: [], marker: '', rest } : openContainers(rest, previous, segments.length);
  const opens = opened.containers.length > 0;
  if (blank) {
    const containers = open.slice(0, segments.length);
    return line(containers, segments.length, segments, '', rest, 'blank', newBlock('blank'));
  }
  const paragraph = previous && previous.role === 'text' && previous.block.kind === 'paragraph' && !opens;
  if (paragraph && !allContinued && !startsBlock(rest)) {
    return line(open, open.length, segments, '', rest, 'text', previous.block); // a lazy continuation
  }
  const containers = [...open.slice(0, segments.length), ...opened.containers];
  const make = (role: Line['role'], block: Block) =>
    line(containers, segments.length, segments, opened.marker, opened.rest, role, block);
  if (previous && !opens && allContinued) return continueBlock(opened.rest, previous, make);
  return startBlock(opened.rest, make);
}

type MakeLine = (role: Line['role'], block: Block) => Line;

/** A line in the same containers as the one before it: more of its block, or the next block. */
function continueBlock(rest: string, previous: Line, make: MakeLine): Line {
  const { block } = previous;
  if (block.kind === 'paragraph' && previous.role === 'text') {
    if (isTableRule(rest, previous)) return make('rule', headTable(previous));
    if (UNDERLINE.test(rest)) return make('underline', block);
    if (!startsBlock(rest)) return make('text', block);
  }
  if (block.kind === 'table' && !startsBlock(rest) && !/^ {4}/.test(rest)) return make('row', block);
  if (block.kind === 'indented' && /^(?: {4}|\t)/.test(rest)) return make('code', block);
  return startBlock(rest, make);
}

function startBlock(rest: string, make: MakeLine): Line {
  if (/^(?: {4}|\t)/.test(rest)) return make('code', newBlock('indented'));
  if (FENCE.test(rest)) return make('fence', newBlock('fence'));
  if (HEADING.test(rest)) return make('text', newBlock('heading'));
  if (BREAK.test(rest)) return make('text', newBlock('break'));
  return make('text', newBlock('paragraph'));
}

function startsBlock(rest: string): boolean {
  return FENCE.test(rest) || HEADING.test(rest) || BREAK.test(rest) || QUOTE.test(rest) || interruptsParagraph(rest);
}

/** CommonMark: only a non-empty item, and of numbers only 1, may follow a paragraph without a blank line. */
function interruptsParagraph(rest: string): boolean {
  const item = ITEM.exec(rest);
  if (!item || item[0].length === rest.length) return false;
  return !/\d/.test(item[2] ?? '') || Number.parseInt(item[2] ?? '', 10) === 1;
}

/** Whether the fence is still open after this line. */
export function isInFence(previous: Line): boolean {
  return previous.role === 'fence' || (previous.role === 'code' && previous.block.kind === 'fence');
}

function fenceLine(previous: Line, segments: string[], rest: string): Line {
  const fence = fenceMarker(previous.block);
  const closing = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(rest)?.[1];
  const closes = closing?.startsWith(fence) === true;
  return line(previous.containers, segments.length, segments, '', rest, closes ? 'fence end' : 'code', previous.block);
}

/** The backticks or tildes of a fence. */
export function fenceMarker(block: Block): string {
  return FENCE.exec(block.lines[0]?.text ?? '')?.[1] ?? '```';
}

function isTableRule(rest: string, previous: Line): boolean {
  return /[|:]/.test(rest) && RULE.test(rest) && cellCount(previous.text) === cellCount(rest);
}

function cellCount(row: string): number {
  return row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/).length;
}

/** Takes the line above the rule out of its paragraph: it turned out to be a table's header. */
function headTable(header: Line): Block {
  header.block.lines.pop();
  header.block = newBlock('table');
  header.block.lines.push(header);
  header.role = 'header';
  return header.block;
}

function continueContainers(source: string, open: Container[]): { segments: string[]; rest: string } {
  const segments: string[] = [];
  let rest = source;
  for (const container of open) {
    const segment = container.kind === 'quote' ? QUOTE.exec(rest)?.[0] : itemIndent(rest, container.columns);
    if (segment === undefined) break;
    if (container.kind === 'quote') rest = rest.slice(segment.length);
    else rest = expandIndent(rest).slice(segment.length);
    segments.push(segment);
  }
  return { segments, rest };
}

function itemIndent(rest: string, columns: number): string | undefined {
  const indent = /^[ \t]*/.exec(expandIndent(rest))?.[0] ?? '';
  if (indent.length >= columns) return ' '.repeat(columns);
  return rest.trim() === '' ? indent : undefined;
}

/** Tabs at the start of a line as spaces up to the next multiple of four. */
function expandIndent(text: string): string {
  const indent = /^[ \t]*/.exec(text)?.[0] ?? '';
  if (!indent.includes('\t')) return text;
  let columns = 0;
  for (const char of indent) columns += char === '\t' ? 4 - (columns % 4) : 1;
  return ' '.repeat(columns) + text.slice(indent.length);
}

function openContainers(rest: string, previous: Line | undefined, depth: number) {
  const containers: Container[] = [];
  let marker = '';
  let after = rest;
  const inParagraph =
    previous?.role === 'text' && previous.block.kind === 'paragraph' && depth === previous.containers.length;
  while (depth + containers.length < MAX_DEPTH) {
    const quote = QUOTE.exec(after)?.[0];
    if (quote !== undefined) {
      containers.push({ kind: 'quote' });
      marker += quote;
      after = after.slice(quote.length);
      continue;
    }
    const item = BREAK.test(after) ? null : ITEM.exec(after);
    if (!item || (inParagraph && containers.length === 0 && !interruptsParagraph(after))) break;
    const width = (item[1] ?? '').length + (item[2] ?? '').length;
    const spaces = expandIndent(item[3] ?? '').length;
    const empty = item[0].length === after.length;
    const padding = empty || spaces > 4 ? 1 : spaces;
    containers.push({ kind: 'item', columns: width + padding });
    marker += (item[1] ?? '') + (item[2] ?? '') + ' '.repeat(padding);
    after = empty ? '' : ' '.repeat(spaces - padding) + after.slice(item[0].length);
  }
  return { containers, marker, rest: after };
}

function line(
  containers: Container[],
  continued: number,
  segments: string[],
  marker: string,
  text: string,
  role: Line['role'],
  block: Block,
): Line {
  return { containers, continued, segments, marker, text, block, role };
}

export function newBlock(kind: Block['kind']): Block {
  return { kind, lines: [] };
}
