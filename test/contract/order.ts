import { expect } from 'vitest';

/** Fails unless every piece stands in `text`, each behind the one before it. Line breaks and runs of spaces are one. */
export function expectInOrder(text: string, pieces: readonly string[]): void {
  const flat = text.replace(/\s+/g, ' ');
  let from = 0;
  for (const piece of pieces) {
    const at = flat.indexOf(piece, from);
    if (at < 0) {
      const somewhere = flat.includes(piece) ? 'stands too early' : 'is missing';
      expect.fail(
        `"${piece}" ${somewhere}; after "…${flat.slice(Math.max(0, from - 40), from)}" comes:\n${flat.slice(from, from + 300)}`,
      );
    }
    from = at + piece.length;
  }
}

/** The same of the words alone, for text that a simulator has rendered: of the rarer markup it knows less than a client. */
export function expectWordsInOrder(text: string, pieces: readonly string[]): void {
  const wordsOf = (one: string) =>
    one
      .replace(/[*_~`\\]/g, '')
      .replaceAll('&amp;', '&')
      .replace(/\s+/g, ' ');
  expectInOrder(wordsOf(text), pieces.map(wordsOf));
}
