import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startTestHub } from './shared/test-hub.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

test.each(['slack', 'telegram', 'feishu'])('%s runs from the command line', async (platform) => {
  const hub = await startTestHub();
  const child = spawn(process.execPath, [main, platform, '--webhook', hub.url], { stdio: 'pipe' });
  let output = '';
  child.stdout.on('data', (data) => {
    output += String(data);
  });
  child.stdin.write('hello there\n');
  const [request] = await hub.received(1);
  expect(request?.method).toBe('POST');
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(output).toMatch(/API at http:[\s\S]*: hello there/);
  await hub.close();
});

test('an unknown platform shows the usage', async () => {
  const child = spawn(process.execPath, [main, 'carrier-pigeon'], { stdio: 'pipe' });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
  expect(errors).toContain('Usage:');
});
