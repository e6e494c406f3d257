import {
  createBackup,
  createBackupKey,
  listBackups,
  openBackupPlace,
  removeOldBackups,
  restoreBackup,
  verifyBackup,
} from '@parley/core/backup';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { contentOf, MASTER_KEY, startDatabases } from './helpers/database.ts';
import { chainIn } from './helpers/place.ts';
import { ACCESS_KEY, SECRET_KEY, startS3 } from './helpers/s3.ts';

vi.setConfig({ testTimeout: 120_000 });

const cleanup = createCleanup();
const key = createBackupKey(MASTER_KEY, 'own');
let databases: Awaited<ReturnType<typeof startDatabases>>;
let s3: Awaited<ReturnType<typeof startS3>>;

beforeAll(async () => {
  databases = cleanup.add(await startDatabases());
});
afterAll(() => cleanup.run());
beforeEach(async () => {
  s3 = cleanup.add(await startS3('saved'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', ACCESS_KEY);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET_KEY);
  return () => vi.unstubAllEnvs();
});

const open = (where = 's3://saved/hub/one') => openBackupPlace(where, { AWS_ENDPOINT_URL_S3: s3.url });

test('a bucket holds backups as a folder does', async () => {
  const store = await databases.openFilled('postgres');
  const place = open();
  await createBackup({ store, place, key });
  s3.fail(1); // the client tries again by itself
  const second = await createBackup({ store, place, key });
  expect(second.kind).toBe('incremental');
  expect([...s3.objects.keys()].every((name) => name.startsWith('hub/one/2'))).toBe(true);
  const chain = await chainIn(place, key);
  expect(await verifyBackup(place, key, chain)).toMatchObject({ auditRecords: 135, auditFaults: [] });
  const target = await databases.open('postgres');
  await restoreBackup({ store: target, place, key, chain });
  expect(await contentOf(target)).toEqual(await contentOf(store));

  const third = await createBackup({ store, place, key, full: true });
  expect(await removeOldBackups(place, key, 1)).toHaveLength(2);
  expect([...s3.objects.keys()].every((name) => name.startsWith(`hub/one/${third.id}/`))).toBe(true);
  for (const [name] of s3.objects) if (name.endsWith('/turns.00001')) s3.objects.delete(name);
  await expect(verifyBackup(place, key, [third])).rejects.toThrow(/turns\.00001 is missing/);
  place.close();
});

test('what goes wrong there is told without what was sent', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
  const refused = listBackups(open(), key);
  await expect(refused).rejects.toMatchObject({
    code: 'unavailable',
    message: 'Backups in s3://saved/hub/one: listing failed (SignatureDoesNotMatch)',
  });
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET_KEY);
  await expect(listBackups(open('s3://other'), key)).rejects.toThrow(/NoSuchBucket/);
  expect(() => open('s3:///nothing')).toThrow(/a folder, or s3:/);
  expect(() => open('gs://bucket')).toThrow(/a folder, or s3:/);
});
