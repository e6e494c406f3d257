import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenIssuer } from '@parley/core/auth';
import { parseConfig } from '@parley/core/config';
import { fingerprintOf } from '@parley/core/provider';
import { createSealer } from '@parley/core/secrets';
import { createSigningKeys, migrate, noteModelKeys, openStore, type Store, syncConfig } from '@parley/core/store';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { startPostgres } from '../support/index.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DAY_MS = 86_400_000;
const cleanup = createCleanup();
const [oldKey, newKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)].map((bytes) => bytes.toString('base64'));
const sealer = createSealer(Buffer.alloc(32, 1));
let store: Store;
let env: Record<string, string>;
let folder: string;

beforeAll(async () => {
  const postgres = cleanup.add(await startPostgres());
  folder = await mkdtemp(join(tmpdir(), 'parley-keys-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  store = cleanup.add(await openStore({ databaseUrl: postgres.url }));
  env = { DATABASE_URL: postgres.url, PARLEY_MASTER_KEY: oldKey ?? '' };
  await migrate(store);
  const models = [{ id: 'm', provider: 'openai', keys: ['sk-old-secret', 'sk-new-secret'] }];
  const parsed = parseConfig(JSON.stringify({ version: 1, tenants: [{ id: 'acme', models: ['m'] }], models }), {});
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  await syncConfig(store, parsed.config, sealer, () => 'file');
  const note = (key: string, days: number) =>
    noteModelKeys(store, [{ model: 'm', fingerprint: fingerprintOf(key) }], Date.now() - days * DAY_MS);
  await note('sk-old-secret', 91);
  await note('sk-new-secret', 3);
});
afterAll(() => cleanup.run());

test('keys: every key with its age, none of them shown, exit 1 because one is old', async () => {
  const { code, stdout } = await runCommand(['keys'], folder, env);
  expect(stdout).toContain(`key ${fingerprintOf('sk-old-secret')} of model m: 91 days: replace it\n`);
  expect(stdout).toContain(`key ${fingerprintOf('sk-new-secret')} of model m: 3 days\n`);
  expect(stdout).not.toContain('secret');
  expect(code).toBe(1);
});

test('a token outlives a change of the signing key and of the master key, and nothing is left under the old one', async () => {
  const issuer = createTokenIssuer(createSigningKeys(store, sealer));
  const { token } = await issuer.issue({ tenant: 'acme', keyId: 'web', scopes: ['chat'], ttlSeconds: 3600 });
  expect(await runCommand(['keys', 'rotate-signing'], folder, env)).toMatchObject({ code: 0, stderr: '' });
  expect(await createSigningKeys(store, sealer).list()).toHaveLength(2);

  // Two keys at once, as while the processes are restarted one after another.
  const both = { ...env, PARLEY_MASTER_KEY: newKey ?? '', PARLEY_OTHER_MASTER_KEY: oldKey ?? '' };
  expect(await runCommand(['keys'], folder, both)).toMatchObject({ stderr: '' });
  const rotated = await runCommand(['secrets', 'rotate'], folder, both);
  expect(rotated, rotated.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^3 secrets re-encrypted/) });
  const again = await runCommand(['secrets', 'rotate'], folder, both);
  expect(again.stdout).toMatch(/^0 secrets/);

  const fresh = createTokenIssuer(createSigningKeys(store, createSealer(Buffer.alloc(32, 2))));
  expect(await fresh.verify(token)).toMatchObject({ tenant: 'acme', keyId: 'web' });
  const under = await runCommand(['keys'], folder, env);
  expect(under).toMatchObject({ code: 1, stderr: expect.stringContaining('encrypted under master key') });
});
