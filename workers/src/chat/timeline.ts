import type { Envelope, TimelineEntry } from '@parley/core/bus';

/** What happened to a turn, in order: the answer to "why did the bot say that, or nothing?". */
export interface Timeline {
  readonly entries: TimelineEntry[];
  add(what: string, detail?: TimelineEntry['detail']): void;
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
    add(what, detail) {
      entries.push({ atMs: now() - receivedAt, what, ...(detail ? { detail } : {}) });
    },
  };
}
