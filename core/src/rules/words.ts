/** Letters of scripts that write words with spaces between them, and digits: two of them side by side are one word. */
const WORD_PART =
  /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Number}\p{Mark}_]/u;

/** Whether `position` is inside a word: a keyword that starts or ends there is only part of it (`hi` in `this`). */
export function isInsideWord(text: string, position: number): boolean {
  if (position <= 0 || position >= text.length) return false;
  const before = String.fromCodePoint(text.codePointAt(position - 1) ?? 0);
  const after = String.fromCodePoint(text.codePointAt(position) ?? 0);
  return WORD_PART.test(before) && WORD_PART.test(after);
}
