import type { FinishedTurn } from '@parley/core/bus';
import type { Metrics } from '@parley/core/telemetry';

/** What the metrics want to know of a turn beside its record. */
export interface TurnTimes {
  /** When the asker saw the first words, before the answer was complete; Unix ms. */
  visibleAt?: number | undefined;
  /** It waited behind another turn of its conversation. */
  follows?: boolean | undefined;
  /** It was not to begin before this; Unix ms. */
  notBefore?: number | undefined;
  /** Its trace, where one is recorded. */
  traceId?: string | undefined;
}

/** A turn in milliseconds. */
export interface Phases {
  queue: number;
  decide: number;
  model: number;
  deliver: number;
  /** What the hub itself added: neither models nor platforms nor a wait that somebody asked for. */
  own: number;
}

/** From how much own time on a turn is slow, and how many slow ones in a row are worth an alert. */
const SLOW_MS = 1_000;
const STREAK = 3;
/** Slow turns in a row, by platform. */
const streaks = new WeakMap<Metrics['slowStreaks'], Map<string, number>>();

/** Tells the metrics where a turn's time went. One that was resumed has lost the beginning of its story: only its whole counts. */
export function measureTurn(turn: FinishedTurn, metrics: Metrics, times: TurnTimes = {}): void {
  const { platform, status, receivedAt, finishedAt, timeline } = turn;
  const { traceId } = times;
  metrics.turnSeconds.observe({ platform, status }, (finishedAt - receivedAt) / 1000, traceId);
  if (timeline.some(({ what }) => what === 'resumed')) return;
  const phases = phasesOf(turn, times);
  for (const phase of ['queue', 'decide', 'model', 'deliver'] as const)
    metrics.phaseSeconds.observe({ platform, phase }, phases[phase] / 1000, traceId);
  metrics.ownSeconds.observe({ platform }, phases.own / 1000, traceId);
  metrics.visibleSeconds.observe({ platform }, ((times.visibleAt ?? finishedAt) - receivedAt) / 1000, traceId);
  countStreak(metrics, platform, phases.own > SLOW_MS);
}

/** Where the time of a turn went, by its timeline and its attempts. No phase is negative, whatever the clocks did. */
export function phasesOf(
  { timeline, attempts, receivedAt, finishedAt }: FinishedTurn,
  { follows = false, notBefore = 0 }: TurnTimes = {},
): Phases {
  const at = (what: string) => timeline.find((entry) => entry.what === what)?.atMs;
  const total = Math.max(0, finishedAt - receivedAt);
  const queue = Math.min(Math.max(0, at('taken') ?? 0), total);
  const decided = Math.min(Math.max(queue, at('decided') ?? total), total);
  const asked = attempts.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const model = Math.min(asked, decided - queue);
  const decide = decided - queue - model;
  // Waits that are no work: for followers, behind an earlier question, for another's answer to the same question.
  const debounced = Math.max(0, notBefore - receivedAt);
  const waited = timeline.reduce((sum, { detail }) => sum + Number(detail?.waitedMs ?? 0), 0);
  const own = (follows ? 0 : Math.max(0, queue - debounced)) + Math.max(0, decide - waited);
  return { queue, decide, model, deliver: total - decided, own };
}

function countStreak({ slowStreaks }: Metrics, platform: string, isSlow: boolean): void {
  const inARow = streaks.get(slowStreaks) ?? new Map<string, number>(); // bounded by the platforms
  streaks.set(slowStreaks, inARow);
  const now = isSlow ? (inARow.get(platform) ?? 0) + 1 : 0;
  inARow.set(platform, now % STREAK);
  // Also by 0: an alert on an increase needs a counter that was there before.
  slowStreaks.inc({ platform }, now === STREAK ? 1 : 0);
}
