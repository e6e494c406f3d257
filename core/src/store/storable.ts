/**
 * Text as Postgres can keep it: it has no NUL and no half characters (lone surrogates). People and platforms can send
 * both, and one such message must not spoil the batch it is stored with.
 */
function storableText(text: string): string {
  const known = text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
  return known.toWellFormed();
}

/** JSON with every string made storable, and with the keys of objects in order, so that equal data is equal text. */
export function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : storableJson(item)));
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value).sort()) {
    const item: unknown = Reflect.get(value, key);
    if (item !== undefined) entries.push([storableText(key), storableJson(item)]);
  }
  return Object.fromEntries(entries);
}

/** `\\u0000`, or half a character: nothing else is written as an escape that begins so, but for text that shows one. */
const NOT_STORABLE = /\\u(?:0000|d[89a-f])/;

/** A value as JSON text in which every string is storable. As nearly all are already, only the text is looked through. */
export function toStorableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return NOT_STORABLE.test(json) ? JSON.stringify(storableJson(JSON.parse(json))) : json;
}

/** A count as its column can hold it: one odd number must not cost the whole batch. */
export function storableWhole(value: number, max = Number.MAX_SAFE_INTEGER): number {
  return Number.isFinite(value) ? Math.min(Math.max(Math.round(value), 0), max) : 0;
}
