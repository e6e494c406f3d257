import { type Block, type Container, fenceMarker, isInFence, type Line } from './scan.ts';
import type { SpanFinder } from './spans.ts';

/** A place in the scanned markdown: before `column` of the text of line `line`; column 0 is before its markers, too. */
export interface Place {
  line: number;
  column: number;
}

/**
 * The lines from one place to another as markdown that stands on its own. What is open at the start is opened again
 * (fence, table header, quote, emphasis), what is open at the end is closed. List items that began earlier lose their
 * indentation, which at the start of a message would turn text into code.
 */
export function renderChunk(lines: Line[], spans: SpanFinder, from: Place, to: Place): string {
  const first = lines[from.line];
  if (!first) return '';
  const inherited = from.column > 0 ? first.containers : first.containers.slice(0, first.continued);
  const out: string[] = [];
  let previous: Line | undefined;
  let opened: Block | undefined;

  const last = to.column > 0 ? to.line : to.line - 1;
  for (let index = from.line; index <= last; index++) {
    const line = lines[index];
    if (!line) break;
    // Its fence was closed at the end of the chunk before.
    if (line.role === 'fence end' && opened !== line.block) continue;
    const start = index === from.line ? from.column : 0;
    const stop = index === to.line ? to.column : line.text.length;
    const isCell = line.role === 'row' && start > 0; // the rest of a row that had to be cut is shown as text
    if (!isCell && opened !== line.block) {
      const again = reopening(line, inherited);
      if (previous && again.length > 0) out.push('');
      out.push(...again);
      opened = line.block;
    }
    if (previous && leavesInheritedText(line, previous, inherited)) out.push('');
    const prefix = previous ? linePrefix(line, inherited) : standalonePrefix(line, start, inherited);
    const open = previous ? '' : delimiters(spans, line, start).join('');
    const close = index === last ? delimiters(spans, line, stop).reverse().join('') : '';
    const text = line.text.slice(start, stop);
    out.push(prefix + open + (close === '' ? text : text.trimEnd()) + close);
    previous = line;
  }
  if (previous && isInFence(previous)) {
    out.push(containerPrefix(previous.containers, inherited) + fenceMarker(previous.block));
  }
  return trimBlankEnds(out);
}

/** Without blank lines before and blanks after; the first line keeps its indentation. */
export function trimBlankEnds(lines: string[]): string {
  const start = lines.findIndex((line) => line.trim() !== '');
  return start < 0 ? '' : lines.slice(start).join('\n').trimEnd();
}

/** What must stand before a line whose block began in an earlier chunk. */
function reopening(line: Line, inherited: Container[]): string[] {
  const prefix = containerPrefix(line.containers, inherited);
  const [head, rule] = line.block.lines;
  if (line.role === 'code' && line.block.kind === 'fence' && head) return [prefix + head.text];
  if (line.role === 'row' && head && rule) return [prefix + head.text, prefix + rule.text];
  return [];
}

function standalonePrefix(line: Line, start: number, inherited: Container[]): string {
  const continued = containerPrefix(start > 0 ? line.containers : line.containers.slice(0, line.continued), inherited);
  return start > 0 ? continued : continued + line.marker;
}

/** The source's own prefix of a line, less the indentation of items that began before the chunk. */
function linePrefix(line: Line, inherited: Container[]): string {
  const kept = line.segments.filter((_, depth) => !isDropped(line.containers, depth, inherited));
  return kept.join('') + line.marker;
}

function containerPrefix(containers: Container[], inherited: Container[]): string {
  return containers
    .map((container, depth) => {
      if (isDropped(containers, depth, inherited)) return '';
      return container.kind === 'quote' ? '> ' : ' '.repeat(container.columns);
    })
    .join('');
}

function isDropped(containers: Container[], depth: number, inherited: Container[]): boolean {
  return containers[depth] === inherited[depth] && containers[depth]?.kind === 'item';
}

/** After text that lost its item, the list's next item needs a blank line, or it would read as more of that text. */
function leavesInheritedText(line: Line, previous: Line, inherited: Container[]): boolean {
  const wasText = previous.role === 'text' && previous.containers.every((container, at) => container === inherited[at]);
  return wasText && line.marker !== '' && line.continued < inherited.length;
}

function delimiters(spans: SpanFinder, line: Line, column: number): string[] {
  return spans.around(line, column).map((span) => span.delimiter ?? '');
}
