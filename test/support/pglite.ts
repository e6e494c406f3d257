import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '@parley/core/store';
import { fillFromTemplate } from './templates.ts';

/**
 * Makes `folder`, which is not there yet, the data of an embedded database with nothing in it, not even a schema. Making
 * one takes seconds; all that are made so are copies of one, which only who asks for the server's own number can tell.
 */
export function fillWithEmptyPglite(folder: string): Promise<void> {
  return fillFromTemplate('pglite', folder, async () => {
    const store = await openStore({ pgliteDir: folder });
    await store.close();
  });
}

/** An embedded database with nothing in it, gone when it is closed. */
export async function openEmptyPglite(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-pglite-'));
  const data = join(folder, 'data');
  await fillWithEmptyPglite(data);
  const store = await openStore({ pgliteDir: data });
  return {
    ...store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
