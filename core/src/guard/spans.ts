/** A piece of a text that something was found in. Offsets are of UTF-16 units. */
export interface Span {
  start: number;
  end: number;
  /** What was found: a detector's name. */
  kind: string;
}

/** Of overlapping spans the one that begins first, and of those the longest; in order. */
export function withoutOverlaps(spans: readonly Span[]): Span[] {
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const kept: Span[] = [];
  let end = 0;
  for (const span of sorted) {
    if (span.start < end) continue;
    kept.push(span);
    end = span.end;
  }
  return kept;
}

/** The text with each span replaced. */
export function replaceSpans(
  text: string,
  spans: readonly Span[],
  replacement: (found: string, span: Span) => string,
): string {
  let result = '';
  let at = 0;
  for (const span of spans) {
    result += text.slice(at, span.start) + replacement(text.slice(span.start, span.end), span);
    at = span.end;
  }
  return result + text.slice(at);
}

export function countSpans(spans: readonly Span[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of spans) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
