import type { Envelope, TimelineEntry } from '@parley/core/bus';

/** What happened to a turn, in order: the answer to "why did the bot say that, or nothing?". */
export interface Timeline {
  readonly entries: TimelineEntry[];
  /** @param at Unix ms, where it was not just now */
  add(what: string, detail?: TimelineEntry['detail'], at?: number): void;
}

/** @param traceId of the turn, where traces are recorded */
export function createTimeline(
  { receivedAt, trigger, replay }: Pick<Envelope, 'receivedAt' | 'trigger' | 'replay'>,
  now: () => number,
  traceId?: string,
): Timeline {
  const about = { ...(replay && { replay_of: replay.of }), ...(traceId !== undefined && { trace_id: traceId }) };
  const isPlain = Object.keys(about).length === 0;
  const entries: TimelineEntry[] = [{ atMs: 0, what: 'received', ...(!isPlain && { detail: about }) }];
  if (trigger !== undefined) entries.push({ atMs: 0, what: 'trigger', detail: { reason: trigger } });
  return {
    entries,
    add(what, detail, at = now()) {
      // In order of time: what an earlier attempt decided stands before the one that goes on with it.
      const atMs = Math.max(0, at - receivedAt);
      const behind = entries.findLastIndex((entry) => entry.atMs <= atMs) + 1;
      entries.splice(behind, 0, { atMs, what, ...(detail ? { detail } : {}) });
    },
  };
}
