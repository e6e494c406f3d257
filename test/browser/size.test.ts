import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CONSOLE_ROOT } from './support/mock-hub.ts';

const LIMIT_BYTES = 350 * 1024;
/** `import … from "./x.js"`, `import "./x.js"`, `export … from "./x.js"`; not `import("./x.js")`. */
const STATIC_IMPORT = /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{},\s]+?\bfrom\s*)?["']([^"'()]+\.js)["']/g;

/** What index.html asks for, and all that those files import before they run. */
function initialFiles(): Map<string, Buffer> {
  const page = readFileSync(join(CONSOLE_ROOT, 'index.html'), 'utf8');
  const waiting = [...page.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, path = '']) => path);
  const files = new Map<string, Buffer>();
  for (const path of waiting) {
    if (files.has(path)) continue;
    const bytes = readFileSync(join(CONSOLE_ROOT, path));
    files.set(path, bytes);
    for (const [, imported = ''] of bytes.toString().matchAll(STATIC_IMPORT)) {
      waiting.push(posix.join(dirname(path), imported));
    }
  }
  return files;
}

test('the first page needs less than 350 kB of JavaScript, gzipped', () => {
  const files = initialFiles();
  const sizes = Object.fromEntries([...files].map(([path, bytes]) => [path, gzipSync(bytes).length]));
  expect(Object.keys(sizes).length).toBeGreaterThan(0);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  // A build that lost its content would pass as well.
  expect(total).toBeGreaterThan(50 * 1024);
  expect(total, JSON.stringify(sizes, undefined, 2)).toBeLessThan(LIMIT_BYTES);
});

test('pages are no part of it', () => {
  const initial = initialFiles();
  const text = [...initial.values()].map(String).join('\n');
  const later = [...text.matchAll(/import\(["'`]\.\/([^"'`]+\.js)["'`]\)/g)].map(([, path]) => `assets/${path}`);
  expect(later.length).toBeGreaterThan(20);
  expect(later.filter((path) => initial.has(path))).toEqual([]);
});
