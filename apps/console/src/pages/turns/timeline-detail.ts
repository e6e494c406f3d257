import type { TimelineEntry } from '../../api/types.ts';

/** The key stands beside it by its fingerprint. */
const HIDDEN = ['keyIndex'];
const GOOD = ['success', 'delivered'];
const BAD = ['failed', 'denied', 'refused', 'error'];

/** Whether a step went well, badly, or is merely told. */
export function toneOf({ detail }: TimelineEntry): 'good' | 'bad' | 'plain' {
  const value = (name: string): unknown => Reflect.get(Object(detail), name);
  const status = String(value('status') ?? '');
  const isBad = [value('ok'), value('accept'), value('admitted')].includes(false) || value('error') !== undefined;
  if (isBad || BAD.includes(status)) return 'bad';
  return value('ok') === true || value('accept') === true || GOOD.includes(status) ? 'good' : 'plain';
}

/**
 * A step's details as names and texts, nested ones flattened (`usage.inputTokens`), durations in words. What says nothing
 * (false or 0 inside something, empty, absent) or only to the hub is left out.
 */
export function detailsOf(detail: unknown, showMs: (ms: number) => string): [name: string, value: string][] {
  if (detail === undefined || detail === null) return [];
  if (typeof detail !== 'object') return [['', String(detail)]];
  return flatten(detail, '')
    .filter(([name]) => !HIDDEN.includes(name))
    .map(([name, value]) => [name, typeof value === 'number' && /ms$/i.test(name) ? showMs(value) : String(value)]);
}

function flatten(value: object, prefix: string): [string, unknown][] {
  return Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (item === null || item === undefined || item === '' || item === false)
      return item === false && prefix === '' ? [[name, 'false']] : [];
    if (item === 0 && prefix !== '') return [];
    if (typeof item !== 'object') return [[name, item]];
    return flatten(item, name);
  });
}
