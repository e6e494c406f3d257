/** Form values as configuration: what was left empty is left out. Switched-on parts stay, even when empty. */
export function prune<T>(value: T, keepEmpty: readonly string[] = []): T {
  return clean(value, keepEmpty) as T;
}

function clean(value: unknown, keepEmpty: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => clean(item, keepEmpty)).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, item]): [string, unknown] => [key, clean(item, keepEmpty)])
    .filter(([key, item]) => !isEmpty(item) || (keepEmpty.includes(key) && item !== undefined && item !== null));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}
