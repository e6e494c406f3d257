import type { Head } from '@parley/core/bus';
import { Parked } from '../delivery/parked.ts';
import type { Ownership } from './context.ts';

/**
 * How long a question waits for its channel to be known here. The gateway that took it knew the channel; a worker may hear
 * of a new one later: it loads the platform's SDK first, and files reach the machines of a cluster up to 90 s apart.
 */
const WAIT_MS = 120_000;
const LONGEST_LOOK_MS = 2_000;
const SHORTEST_LOOK_MS = 50;

/**
 * Puts a question of an unknown channel aside, to be looked at again soon; returns when it has waited long enough.
 *
 * @throws Parked
 */
export async function waitForChannel({ envelope }: Head, { save }: Ownership, now: number): Promise<void> {
  const waitedMs = now - envelope.receivedAt;
  if (waitedMs > WAIT_MS) return;
  // Looking is no attempt: those are counted to give up what kills workers.
  await save({ attempts: '0' });
  throw new Parked(Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, waitedMs / 2)));
}
