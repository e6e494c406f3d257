import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, type Running } from '../contestants/index.ts';

const LOOK_MS = 100;
/** CPU time within one look of a process that only waits; Linux' clock ticks every 10 ms. */
const IDLE_MS = 15;
const LIMIT_MS = 1200;

/** Resolves once a contestant has no work left, or after a second or so. */
export async function settled(running: Running): Promise<void> {
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += LOOK_MS) {
    const before = cpuOf(running);
    await sleep(LOOK_MS);
    if (!(cpuOf(running) - before >= IDLE_MS)) return;
  }
}
