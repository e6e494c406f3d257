import type { Tokens } from 'marked';
import { lexInline, type MarkdownToken } from './lex.ts';
import type { Block, Line } from './scan.ts';

/** A stretch of a block's text that should stay in one piece. */
export interface Span {
  start: number;
  end: number;
  /** What closes and reopens it when it must be cut after all (`**`, a backtick); undefined: it cannot be reopened. */
  delimiter: string | undefined;
}

/** Finds the spans of lines, each block read once: its text may be cut many times. */
export interface SpanFinder {
  /** Spans that hold column `column` of the line strictly inside, outermost first. */
  around(line: Line, column: number): Span[];
}

export function createSpanFinder(): SpanFinder {
  const known = new WeakMap<Block, { spans: NestedSpan[]; offsets: Map<Line, number> }>();

  function read(block: Block) {
    const found = known.get(block);
    if (found) return found;
    const offsets = new Map<Line, number>();
    const spans: NestedSpan[] = [];
    let offset = 0;
    for (const line of block.lines) {
      offsets.set(line, offset);
      // Markup never reaches from one table row into the next.
      if (block.kind === 'table') collect(lexInline(line.text), offset, undefined, spans);
      offset += line.text.length + 1;
    }
    if (block.kind === 'paragraph' || block.kind === 'heading') {
      collect(lexInline(block.lines.map((line) => line.text).join('\n')), 0, undefined, spans);
    }
    const entry = { spans, offsets };
    known.set(block, entry);
    return entry;
  }

  return {
    around(line, column) {
      const { spans, offsets } = read(line.block);
      const at = (offsets.get(line) ?? 0) + column;
      return enclosing(spans, at);
    },
  };
}

/** Spans are sorted by start and nested: those around a place are the last one that starts before it, or its parents. */
function enclosing(spans: NestedSpan[], at: number): Span[] {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.start ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const found: Span[] = [];
  for (let span = spans[low - 1]; span; span = span.parent) {
    if (span.end > at) found.unshift(span);
  }
  return found;
}

interface NestedSpan extends Span {
  parent: NestedSpan | undefined;
}

function collect(tokens: MarkdownToken[], start: number, parent: NestedSpan | undefined, spans: NestedSpan[]): void {
  let offset = start;
  for (const token of tokens) {
    const end = offset + token.raw.length;
    if (token.type === 'strong' || token.type === 'em' || token.type === 'del') {
      const { raw, text, tokens: inner } = token as Tokens.Strong | Tokens.Em | Tokens.Del;
      const width = (raw.length - text.length) / 2;
      const span = { start: offset, end, delimiter: raw.slice(0, width), parent };
      spans.push(span);
      collect(inner, offset + width, span, spans);
    } else if (token.type === 'codespan') {
      spans.push({ start: offset, end, delimiter: /^`+/.exec(token.raw)?.[0], parent });
    } else if (token.type !== 'text' && token.type !== 'br') {
      spans.push({ start: offset, end, delimiter: undefined, parent });
    }
    offset = end;
  }
}
