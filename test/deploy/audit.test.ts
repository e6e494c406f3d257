import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '@parley/simulators/shared';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DEPLOY, ROOT, read } from './support/files.ts';

/** `npm run audit` with the real pnpm, against a registry that finds what it is told to. */
vi.setConfig({ testTimeout: 120_000 });

const advisory = {
  id: 1,
  url: 'https://example.com/advisory',
  title: 'A trial',
  severity: 'high',
  vulnerable_versions: '>=0',
  cwe: [],
  cvss: { score: 7.5, vectorString: null },
};
let answer: { status?: number; body?: unknown };
const asked: string[] = [];
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer({
    handle: async ({ path }) => {
      asked.push(path);
      return { body: {}, ...answer };
    },
  });
});
afterAll(() => server.close());

const audit = () =>
  promisify(execFile)('node', [join(DEPLOY, 'bootstrap/audit.mjs'), '--registry', server.url], { cwd: ROOT }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, output: `${stdout}${stderr}` }),
  );

test.each([
  ['nothing is known', { body: {} }, 0, /No known vulnerabilities/],
  ['something is known', { body: { zod: [advisory] } }, 1, /A trial/],
  ['the registry offers no audits', { status: 405 }, 3, /Not audited\. This registry does not offer audits/],
  ['the registry answers nonsense', { status: 403 }, 2, /Not audited\. The registry could not be asked/],
])('%s', async (_what, given, code, words) => {
  answer = given;
  const told = await audit();
  expect(told, told.output).toMatchObject({ code, output: expect.stringMatching(words) });
  expect(asked).toContain('/-/npm/v1/security/advisories/bulk');
});

test('it is what CI runs, with the pnpm that everything else is installed with', () => {
  expect(JSON.parse(read('package.json')).scripts.audit).toBe('node deploy/bootstrap/audit.mjs');
  const version = /pnpm@(\d+\.\d+\.\d+)/.exec(read('deploy/bootstrap/audit.mjs'))?.[1];
  expect(read('package.json')).toContain(`pnpm@${version} sbom`);
});
