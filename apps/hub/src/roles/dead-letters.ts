import type { DeadLetters } from '@parley/core/bus';
import type { Metrics } from '@parley/core/telemetry';

const EVERY_MS = 10_000;

/** Keeps the metrics of dead letters up to date until the returned function is called. */
export function watchDeadLetters(deadLetters: DeadLetters, metrics: Metrics): () => void {
  async function refresh(): Promise<void> {
    const counts = await deadLetters.counts();
    // A tenant whose last letter is gone is not counted any more, and must not keep its old value.
    metrics.deadLetters.reset();
    metrics.deadLettersDropped.reset();
    for (const [tenant, { kept, dropped }] of counts) {
      metrics.deadLetters.set({ tenant }, kept);
      metrics.deadLettersDropped.set({ tenant }, dropped);
    }
  }
  const update = () => void refresh().catch(() => undefined); // Redis away: the old values stay
  update();
  const timer = setInterval(update, EVERY_MS);
  return () => clearInterval(timer);
}
