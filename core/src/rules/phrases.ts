/** Many phrases, found in a text in a time that does not grow with their number. */
export interface PhraseIndex {
  /** The lowest value among the phrases that stand at `position` of `text` and satisfy `accept`. */
  lowestAt(text: string, position: number, accept?: (end: number) => boolean): number | undefined;
}

/** @param phrases phrase → value, both already in the form that texts will have */
export function indexPhrases(phrases: ReadonlyMap<string, number>): PhraseIndex {
  // Per first character the lengths there are: few, so that a position costs few look-ups.
  const lengths = new Map<string, Set<number>>();
  for (const phrase of phrases.keys()) {
    const first = phrase.charAt(0);
    const known = lengths.get(first);
    if (known) known.add(phrase.length);
    else lengths.set(first, new Set([phrase.length]));
  }

  return {
    lowestAt(text, position, accept) {
      let lowest: number | undefined;
      for (const length of lengths.get(text.charAt(position)) ?? []) {
        const value = phrases.get(text.slice(position, position + length));
        if (value === undefined || (lowest !== undefined && value >= lowest)) continue;
        if (!accept || accept(position + length)) lowest = value;
      }
      return lowest;
    },
  };
}
