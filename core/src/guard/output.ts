import type { Keywords } from './keywords.ts';
import { replaceSpans, type Span, withoutOverlaps } from './spans.ts';
import type { MaskVault, OutputGuard, OutputPiece } from './types.ts';

export interface OutputOptions {
  vault: MaskVault;
  blocked: Keywords;
  replaced: Keywords;
  dryRun: boolean;
  /** How a restored value is written. */
  write?: (value: string) => string;
}

/** Models write placeholders with other brackets, case or escapes than they were given. */
const PLACEHOLDER = /\\?[[【［]\s?([A-Za-z][A-Za-z0-9]*(?:\\?[_ ][A-Za-z0-9]+)*)\s?\\?[\]】］]/g;
/** The beginning of one, up to the end of the text. */
const OPEN_PLACEHOLDER = /\\?[[【［][\\\sA-Za-z0-9_]{0,64}$|\\$/;

const NOTHING: OutputPiece = { shown: '', masked: '', refused: false };

/** See `OutputGuard`. */
export function createOutputGuard({
  vault,
  blocked,
  replaced,
  dryRun,
  write = (value) => value,
}: OutputOptions): OutputGuard {
  const counts: Record<string, number> = {};
  /** What has come and is not clear yet, and the last of what was let go. */
  let pending = '';
  let before = '';
  let over = false;

  const count = (kind: string) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };

  /** Everything before this is clear, whatever comes next. */
  function clearUpTo(text: string, spans: readonly Span[]): number {
    let cut = Math.min(
      vault.isEmpty ? text.length : (OPEN_PLACEHOLDER.exec(text)?.index ?? text.length),
      blocked.openFrom(text),
      replaced.openFrom(text),
    );
    // A surrogate pair or a match is never cut in two.
    if (/[\udc00-\udfff]/.test(text[cut] ?? '') || (cut === text.length && /[\ud800-\udbff]$/.test(text))) cut -= 1;
    for (const { start, end } of spans.toReversed()) if (start < cut && end > cut) cut = start;
    return Math.max(0, cut);
  }

  function placeholdersIn(text: string): Span[] {
    if (vault.isEmpty) return [];
    return [...text.matchAll(PLACEHOLDER)].flatMap(({ 0: found, index }) =>
      originalOf(found) === undefined ? [] : [{ start: index, end: index + found.length, kind: 'placeholder' }],
    );
  }

  const nameOf = (found: string) =>
    `[${found
      .replace(/[^A-Za-z0-9_ ]/g, '')
      .trim()
      .replaceAll(' ', '_')
      .toUpperCase()}]`;
  const originalOf = (found: string) => vault.valueOf(nameOf(found));

  function release(isEnd: boolean): OutputPiece {
    const known = placeholdersIn(pending);
    // A placeholder's own name is nobody's word.
    const words = withoutOverlaps([...known, ...blocked.find(pending, before), ...replaced.find(pending, before)]);
    const cut = isEnd ? pending.length : clearUpTo(pending, words);
    const clear = words.filter(({ end }) => end <= cut);
    for (const { kind } of clear) if (kind !== 'placeholder') count(kind);
    const stop = dryRun ? undefined : clear.find(({ kind }) => kind === 'block_keyword');
    const text = pending.slice(0, stop?.start ?? cut);
    const spans = clear.filter(({ end, kind }) => end <= text.length && !(dryRun && kind !== 'placeholder'));
    const piece = {
      shown: replaceSpans(text, spans, (found, { kind }) =>
        kind === 'placeholder' ? write(originalOf(found) ?? found) : '***',
      ),
      masked: replaceSpans(text, spans, (found, { kind }) => (kind === 'placeholder' ? nameOf(found) : '***')),
      refused: stop !== undefined,
    };
    over = piece.refused;
    before = pending.slice(Math.max(0, cut - 2), cut) || before;
    pending = pending.slice(cut);
    return piece;
  }

  return {
    push(text) {
      if (over) return NOTHING;
      pending += text;
      return release(false);
    },
    end: () => (over || pending === '' ? NOTHING : release(true)),
    counts,
  };
}
