import { lexInline } from './lex.ts';
import { trimBlankEnds } from './render.ts';
import { fenceMarker, isInFence, type Line, scanLines } from './scan.ts';

/**
 * Closes what a text that is still being written has left open, so that a preview of it renders as the finished text
 * will: an open fence, code span or emphasis is closed, half a link shows its text, half a table row is completed.
 * Only markup is added or taken away at the end, never words; a healed text stays as it is when healed again.
 */
export function healMarkdown(markdown: string): string {
  const source = trimBlankEnds(markdown.replace(/\r\n?/g, '\n').split('\n'));
  const lines = scanLines(source);
  const last = lines.at(-1);
  if (!last || source === '') return '';
  if (isInFence(last)) return closeFence(source, last);
  if (last.role === 'fence end' || last.block.kind === 'indented') return source;
  if (last.role === 'underline') return dropLine(source); // the first dash of a list, or of a rule, makes a heading
  if (isHalfRule(last)) return `${dropLine(source)}\n${prefixOf(last)}${ruleFor(last.block.lines[0]?.text ?? '')}`;

  const text = last.role === 'row' ? last.text : last.block.lines.map((line) => line.text).join('\n');
  const healed = healInline(text);
  const row = last.role === 'row' && healed.startsWith('|') && !/(?<!\\)\|$/.test(healed) ? `${healed} |` : healed;
  // Lines above the last one keep their own prefixes: only the tail that differs is replaced.
  const same = commonLength(text, row);
  const isTailOnly = text.lastIndexOf('\n') < same;
  return isTailOnly ? (source.slice(0, source.length - (text.length - same)) + row.slice(same)).trimEnd() : source;
}

function closeFence(source: string, last: Line): string {
  const marker = fenceMarker(last.block);
  const typed = last.role === 'code' ? last.text.trim() : '';
  if (typed !== '' && marker.startsWith(typed)) return source + marker.slice(typed.length); // the end is half written
  const prefix = last.containers.map((container) =>
    container.kind === 'quote' ? '> ' : ' '.repeat(container.columns),
  );
  return `${source}\n${prefix.join('')}${marker}`;
}

function dropLine(source: string): string {
  return source.slice(0, source.lastIndexOf('\n')).trimEnd();
}

function prefixOf(line: Line): string {
  return line.segments.join('') + line.marker;
}

function isHalfRule(line: Line): boolean {
  const header = line.block.lines[0]?.text ?? '';
  return (
    line.role === 'text' && line.block.lines.length === 2 && /^\|.+\|\s*$/.test(header) && /^[|\s:-]+$/.test(line.text)
  );
}

function ruleFor(header: string): string {
  const columns = header.trim().split(/(?<!\\)\|/).length - 2;
  return `|${' --- |'.repeat(Math.max(columns, 1))}`;
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** Closes the spans of one block's text. Text that closing would not settle is left alone. */
function healInline(text: string): string {
  const healed = closeSpans(unlinkEnd(text));
  return closeSpans(unlinkEnd(healed)) === healed ? healed : text;
}

/** `see [the docs](htt` becomes `see the docs`. */
function unlinkEnd(text: string): string {
  const link = /!?\[([^[\]\n]*)\]\([^()\s]*(?:[ \t]+["'][^"'\n]*["']?)?$/.exec(text.slice(-MAX_LINK));
  return link ? text.slice(0, text.length - link[0].length) + link[1] : text;
}

const MAX_LINK = 4096;

function closeSpans(text: string): string {
  const run = /(?<!\\)(?:\*+|_+|~+|`+)$/.exec(text.slice(-16))?.[0] ?? '';
  const before = text.slice(0, text.length - run.length);
  if (run !== '') {
    const closers = closersOf(before);
    if (closers.startsWith(run)) return before + closers; // closed, or about to be
    if (/(?:^|\s)$/.test(before) && before !== '') return closeSpans(before.trimEnd()); // opens what is not there yet
  }
  const closers = closersOf(text);
  return closers === '' ? text : text.trimEnd() + closers;
}

/** What closes every span that is open at the end of the text, innermost first. */
function closersOf(text: string): string {
  const open: string[] = [];
  let offset = 0;
  for (const token of lexInline(text)) {
    const runs = token.type === 'text' ? token.raw.matchAll(/`+|\*{1,3}|_{1,2}|~~/g) : [];
    for (const { 0: run, index } of runs) {
      const at = offset + index;
      if (run.startsWith('`')) return run + open.reverse().join('');
      if (opensSpan(run, text[at - 1] ?? '', text[at + run.length] ?? '')) open.push(run);
    }
    offset += token.raw.length;
  }
  return open.reverse().join('');
}

/** CommonMark's left-flanking, and stricter for single marks: `2*3` and `snake_case` are no emphasis. */
function opensSpan(run: string, previous: string, next: string): boolean {
  if (next === '' || /[\s*_~]/.test(next)) return false;
  const afterWord = /[\p{Letter}\p{Number}]/u.test(previous);
  return run === '**' || run === '~~' ? true : !afterWord;
}
