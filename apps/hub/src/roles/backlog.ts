import type { BacklogGauge, QueueAge } from '@parley/core/bus';
import type { Metrics } from '@parley/core/telemetry';

/** Keeps a process's view of the backlog, and what its metrics tell of it, up to date until the returned function is called. */
export function watchBacklog(backlog: BacklogGauge, ageMs: QueueAge, metrics: Metrics, everyMs: number): () => void {
  async function refresh(): Promise<void> {
    const [waiting, oldestMs] = await Promise.all([backlog.refresh(), ageMs()]);
    metrics.queueDepth.set(waiting);
    metrics.archiveDepth.set(backlog.total - waiting);
    metrics.queueAgeSeconds.set(oldestMs / 1000);
  }
  // Redis away: the old values stay.
  const timer = setInterval(() => void refresh().catch(() => undefined), everyMs);
  return () => clearInterval(timer);
}
