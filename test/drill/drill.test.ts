import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the drill recovers a small hub and says what was lost', { timeout: 300_000 }, async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const sizes = ['--turns', '200', '--seconds', '4', '--every', '2'];
  const child = spawn(process.execPath, [main, ...sizes], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'exit');
  expect(code, output).toBe(0);
  expect(output).toMatch(/^RPO: .* of \d+ answered turns lost$/m);
  expect(output).toMatch(/^RTO: killed to answering \d/m);
});
