import type { TimelineEntry } from '@parley/core/bus';

/** What happened to a turn, in order: the answer to "why did the bot say that, or nothing?". */
export interface Timeline {
  readonly entries: TimelineEntry[];
  add(what: string, detail?: TimelineEntry['detail']): void;
}

export function createTimeline(receivedAt: number, now: () => number): Timeline {
  const entries: TimelineEntry[] = [{ atMs: 0, what: 'received' }];
  return {
    entries,
    add(what, detail) {
      entries.push({ atMs: now() - receivedAt, what, ...(detail ? { detail } : {}) });
    },
  };
}
