import type { TimelineEntry } from '../../api/types.ts';

/** Whether a step went well, badly, or is merely told. */
export function toneOf({ detail }: TimelineEntry): 'good' | 'bad' | 'plain' {
  const value = (name: string): unknown => Reflect.get(Object(detail), name);
  if (
    value('ok') === false ||
    value('error') !== undefined ||
    value('denied') !== undefined ||
    value('accept') === false
  ) {
    return 'bad';
  }
  return value('ok') === true || value('accept') === true ? 'good' : 'plain';
}
