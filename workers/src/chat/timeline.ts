import type { Envelope, TimelineEntry } from '@parley/core/bus';

/** What happened to a turn, in order: the answer to "why did the bot say that, or nothing?". */
export interface Timeline {
  readonly entries: TimelineEntry[];
  add(what: string, detail?: TimelineEntry['detail']): void;
}

export function createTimeline(
  { receivedAt, trigger, replay }: Pick<Envelope, 'receivedAt' | 'trigger' | 'replay'>,
  now: () => number,
): Timeline {
  const entries: TimelineEntry[] = [{ atMs: 0, what: 'received', ...(replay && { detail: { replay_of: replay.of } }) }];
  if (trigger !== undefined) entries.push({ atMs: 0, what: 'trigger', detail: { reason: trigger } });
  return {
    entries,
    add(what, detail) {
      entries.push({ atMs: now() - receivedAt, what, ...(detail ? { detail } : {}) });
    },
  };
}
