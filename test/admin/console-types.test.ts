import { fileURLToPath } from 'node:url';
import { type Document, typesOf } from '@parley/console/openapi-types';
import { expect, test } from 'vitest';
import { startHub } from '../support/index.ts';

const TYPES = fileURLToPath(new URL('../../apps/console/src/api/openapi.ts', import.meta.url));

/** The type checker holds the console to these types; `npm test -- test/admin/console-types.test.ts -u` writes them anew. */
test('the console is written against the API that the hub serves', async () => {
  const hub = await startHub({});
  try {
    const response = await fetch(`${hub.url}/api/openapi.json`);
    await expect(typesOf((await response.json()) as Document)).toMatchFileSnapshot(TYPES);
  } finally {
    await hub.stop();
  }
});
