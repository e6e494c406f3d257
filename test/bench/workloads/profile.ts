import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuOf, HUB, hub } from '../contestants/index.ts';
import { phasesOf, readProfile } from '../measure/cpu-profile.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';

const OUTSTANDING = 128;
/** Microseconds between two samples: often enough for a few seconds, and seldom enough to cost little. */
const INTERVAL_US = 500;

/** Where the CPU time of one answered message goes: the profile of a hub at its highest rate, shared out by phase. */
export async function playProfile(stage: Stage, seconds: number, results: Results): Promise<void> {
  await stage.reset();
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-prof-'));
  try {
    const execArgv = ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL_US}`];
    const startedAt = performance.now();
    const running = await hub({ platforms: ['slack'], execArgv }).start(stage);
    const spec = {
      platform: 'slack' as const,
      path: running.path,
      pace: { outstanding: OUTSTANDING },
      doneWhen: 'answered' as const,
      graceSeconds: 10,
    };
    // Twice as long, until the code is compiled.
    await load(stage, running.port, { ...spec, seconds: 2 * seconds });
    const cpuBefore = cpuOf(running);
    const fromMs = performance.now() - startedAt;
    const { answered } = await load(stage, running.port, { ...spec, seconds });
    const toMs = performance.now() - startedAt;
    const cpuUs = ((cpuOf(running) - cpuBefore) * 1000) / answered;
    await running.stop();
    const phases = phasesOf(await readProfile(folder), { fromMs, toMs });
    const sampled = [...phases.values()].reduce((sum, us) => sum + us, 0);
    // Samples are of wall time. What the process spent on its processor is known from the system.
    for (const [phase, us] of phases) results.add('one message', HUB, { [phase]: (us / sampled) * cpuUs });
    results.add('one message', HUB, { cpu_us: cpuUs });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
