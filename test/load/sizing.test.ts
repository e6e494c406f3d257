import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('sizing.ts measures a gateway, a worker and Redis at a rate', { timeout: 180_000 }, async () => {
  const script = fileURLToPath(new URL('sizing.ts', import.meta.url));
  const args = [script, '--rates', '5', '--seconds', '1', '--traces'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const row = stdout.trim().split('\n').at(-1) ?? '';
  const cost = String.raw`\d+\.\d\d ms, \d+ %`;
  expect(row).toMatch(
    new RegExp(String.raw`^\| 5 \(\d+ held\) \| ${cost} \| \d+ MB \| ${cost} \| \d+ MB \| ${cost} \| \d+ ms \|$`),
  );
});
