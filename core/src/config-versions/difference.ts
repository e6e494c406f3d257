/** One place where two documents differ; `undefined` where a document has nothing. */
export interface Difference {
  /** `channels[acme-slack].triggers.group`: entries by their id where they have one. */
  path: string;
  before: unknown;
  after: unknown;
}

const MAX_DIFFERENCES = 1000;

/** Where two documents differ, leaf by leaf; lists of entries are compared by id, so that moving one changes nothing else. */
export function differences(before: unknown, after: unknown): Difference[] {
  const found: Difference[] = [];
  compare(before, after, '', found);
  return found;
}

function compare(before: unknown, after: unknown, path: string, found: Difference[]): void {
  if (found.length >= MAX_DIFFERENCES || Object.is(before, after)) return;
  const [left, right] = [partsOf(before), partsOf(after)];
  if (!left || !right || left.kind !== right.kind) {
    if (JSON.stringify(before) !== JSON.stringify(after)) found.push({ path: path || '.', before, after });
    return;
  }
  for (const key of new Set([...left.parts.keys(), ...right.parts.keys()])) {
    const inner = left.kind === 'object' ? (path ? `${path}.${key}` : key) : `${path}[${key}]`;
    compare(left.parts.get(key), right.parts.get(key), inner, found);
  }
}

function partsOf(value: unknown): { kind: 'object' | 'entries'; parts: Map<string, unknown> } | undefined {
  if (Array.isArray(value)) {
    const ids = value.map(
      (entry: unknown) => Reflect.get(Object(entry), 'id') ?? Reflect.get(Object(entry), 'base_url'),
    );
    const named = ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length;
    // A list of plain values is one value: its order is its meaning.
    return named && value.length > 0
      ? { kind: 'entries', parts: new Map(value.map((one: unknown, index) => [String(ids[index]), one])) }
      : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return { kind: 'object', parts: new Map(Object.entries(value)) };
}
