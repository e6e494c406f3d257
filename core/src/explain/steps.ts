/** One step of a timeline. */
export interface TimelineStep {
  /** Since the question came, in milliseconds; a step that does not say so happened with the one before it. */
  atMs: number;
  what: string;
  detail: Record<string, unknown>;
}

/** The steps of a stored timeline, whatever version of the hub wrote it. */
export function stepsOf(timeline: readonly unknown[]): TimelineStep[] {
  let latest = 0;
  return timeline.flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { atMs, what, detail } = entry as { atMs?: unknown; what?: unknown; detail?: unknown };
    if (typeof what !== 'string') return [];
    latest = typeof atMs === 'number' ? atMs : latest;
    const said = Object.entries(typeof detail === 'object' && detail !== null ? detail : {});
    return [{ atMs: latest, what, detail: Object.fromEntries(said.filter(([, value]) => value != null)) }];
  });
}
