import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { embeddedRedisUrl } from './redis.ts';

/** Too long for the path of a socket, which then stands in the folder for temporary files. */
const LONG = `/srv/${'long/'.repeat(30)}data`;
let shared: string;

beforeEach(async () => {
  shared = await mkdtemp(join(tmpdir(), 'parley-tmp-'));
  vi.stubEnv('TMPDIR', shared);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(shared, { recursive: true });
});

test('a socket in a shared place stands in a folder of our own', async () => {
  const url = embeddedRedisUrl(LONG);
  expect(url).toMatch(new RegExp(`^unix://${shared}/parley-[^/]+/[0-9a-f]{16}\\.sock$`));
  expect(embeddedRedisUrl(LONG)).toBe(url);
});

test('a folder that others can write to is not trusted', async () => {
  embeddedRedisUrl(LONG);
  const [name = ''] = await readdir(shared);
  await rm(join(shared, name), { recursive: true });
  await mkdir(join(shared, name));
  await chmod(join(shared, name), 0o777);
  expect(() => embeddedRedisUrl(LONG)).toThrow(/open to others/);
});
