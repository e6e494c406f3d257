import { wholeCharacters } from './content.ts';

/** Healing shows half a link as its label, which is rarely longer than this. */
const UNSETTLED = 80;
/** What healing adds at the end: the closers of spans and fences with their quote marks, and half a table's rule. */
const MARKUP = new Set('*_~`|>:- \t\r\n');

/**
 * How much of a healed preview will stay as it is when the text goes on, so that it can be appended to a message that
 * can only grow. Left out are what healing may have added, an end that the preview before did not show as well and
 * that may still turn into a link, and half of a `<…>`, which may still turn into a ping and must then be broken.
 *
 * A guess that is nearly always right: where it is not, the message no longer begins as the text does, which the
 * caller sees and replaces it.
 *
 * @param previous the preview before; empty for the first
 * @returns a length of `text`, in UTF-16 code units
 */
export function stableLength(previous: string, text: string): number {
  // The first preview has to show something, however short it is.
  const unsettled = previous === '' ? Math.min(UNSETTLED, Math.ceil(text.length / 4)) : UNSETTLED;
  const likely = Math.max(commonLength(previous, text), text.lastIndexOf('\n'), text.length - unsettled);
  const end = Math.min(withoutMarkup(text), likely);
  const open = /<[^\s>]*$/.exec(text.slice(Math.max(0, end - MAX_OPEN), end));
  return wholeCharacters(text, open === null ? end : end - open[0].length);
}

/** Every sequence that pings is told by its first characters. */
const MAX_OPEN = 64;

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

function withoutMarkup(text: string): number {
  let length = text.length;
  while (length > 0 && MARKUP.has(text.charAt(length - 1))) length -= 1;
  return length;
}
