/** What a question is found again by, in the model's request, its answer and the platform's call: `ref123x`. */
export function referenceOf(id: number): string {
  return `ref${id}x`;
}

/** The last reference in a text: earlier ones belong to what was said before. */
export function lastReference(text: string): number | undefined {
  const at = text.lastIndexOf('ref');
  return at < 0 ? undefined : referenceAt(text, at);
}

function referenceAt(text: string, at: number): number | undefined {
  const found = /^ref(\d+)x/.exec(text.slice(at, at + 24));
  if (found) return Number(found[1]);
  const before = text.lastIndexOf('ref', at - 1);
  return at > 0 && before >= 0 ? referenceAt(text, before) : undefined;
}
