import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHubProcess } from '../contestants/hub.ts';
import { HUB, processOptions } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';

const ROLES = ['gateway', 'worker'] as const;

/** How long each role takes from its start until it takes work. Only a few bots, as most have. */
export async function playColdStarts(stage: Stage, rounds: number, results: Results): Promise<void> {
  await stage.reset();
  const { config, env } = processOptions(stage, { platforms: [] });
  // What is measured is not the first start of a new version: its code is compiled.
  await Promise.all(ROLES.map(async (role) => (await startHubProcess({ role, config, env })).stop()));
  for (let round = 0; round < rounds; round++) {
    results.begin(round);
    for (const role of ROLES) {
      const started = await startHubProcess({ role, config, env });
      results.add('cold start', HUB, { [`${role}_ms`]: started.readyMs });
      await started.stop();
    }
    await startEmbedded(config, results);
  }
}

/** `npm start` on a laptop: with its own Redis and database, whose files are there already. */
async function startEmbedded(config: object, results: Results): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-bench-cold-'));
  try {
    for (const isFirst of [true, false]) {
      const started = await startHubProcess({ role: 'start', config, env: {}, dataDir });
      if (!isFirst) results.add('cold start', HUB, { embedded_ms: started.readyMs });
      await started.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
