import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { type SharedServices, startSharedServices } from '../flow/helpers/shared-services.ts';
import type { TestHub } from '../support/index.ts';
import { createScene, type Scene } from './support/scene.ts';

/** A new version as docs/operations/upgrade.md rolls it out: migrate, then the workers, then the gateways, one by one. */
const cleanup = createCleanup();
let shared: SharedServices;
let scene: Scene;

vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  shared = cleanup.add(await startSharedServices());
  await migrate();
  scene = cleanup.add(await createScene(shared));
});
afterAll(() => cleanup.run());

async function migrate(): Promise<void> {
  const run = await runCommand(['migrate'], shared.folder, shared.env);
  expect(run.code, run.stderr).toBe(0);
}

test('every process is replaced while people ask: nothing lost, doubled, out of order or refused', async () => {
  const workers = [await scene.start('worker'), await scene.start('worker'), await scene.start('worker')];
  const gateways = [await scene.start('gateway'), await scene.start('gateway')];
  const codes: (number | null)[] = [];

  /** The old one drains while the others go on; the new one comes when it is gone. */
  async function replace(role: 'gateway' | 'worker', old: TestHub): Promise<void> {
    codes.push(await old.terminate());
    await scene.start(role);
  }

  await scene.play(async () => {
    // Two machines may both be told to.
    await Promise.all([migrate(), migrate()]);
    for (const worker of workers) await replace('worker', worker);
    for (const gateway of gateways) await replace('gateway', gateway);
  });

  expect(codes).toEqual([0, 0, 0, 0, 0]);
  expect(await scene.faults()).toEqual([]);
  expect(scene.refusals()).toEqual([]);
  expect(scene.counts().answered).toBeGreaterThan(30);
});
