import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assertSchema, migrate, openStore, tables } from './index.ts';

describe('openStore', () => {
  it('keeps an embedded database in its folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-pglite-'));
    const options = { pgliteDir: join(folder, 'data', 'pglite') };
    const first = await openStore(options);
    await migrate(first);
    await first.db.insert(tables.tenants).values({ tenant: 'acme', source: 'file', settings: {}, digest: 'd' });
    await first.close();
    const second = await openStore(options);
    await assertSchema(second);
    expect(await second.db.$count(tables.tenants)).toBe(1);
    await second.close();
    await rm(folder, { recursive: true });
  });

  it('says that the database cannot be reached, without its password', async () => {
    const opening = openStore({ databaseUrl: 'postgres://u:hidden@localhost/db?host=/nonexistent' });
    await expect(opening).rejects.toMatchObject({ code: 'unavailable', message: expect.not.stringMatching(/hidden/) });
  });
});
