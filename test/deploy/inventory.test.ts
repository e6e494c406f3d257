import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { DEPLOY, filesUnder, ROOT, read } from './support/files.ts';

/** Nothing lies under deploy, and no page under docs/operations, that nobody is led to. */
test('every folder has its line in deploy/README.md', () => {
  const folders = readdirSync(DEPLOY, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  );
  const lines = [...read('deploy/README.md').matchAll(/^\| `([a-z]+)` /gm)].map(([, name]) => name);
  expect(folders.length).toBeGreaterThan(10);
  expect(folders.filter((name) => !lines.includes(name))).toEqual([]);
});

test.each(['.md', '.zh-CN.md'])('links lead from docs/operations/README%s to every page of its language', (end) => {
  const isOfLanguage = (file: string) => file.endsWith('.zh-CN.md') === (end === '.zh-CN.md');
  const pages = filesUnder('docs/operations', /\.md$/).filter(isOfLanguage);
  expect(pages.length).toBeGreaterThan(25);
  const reached = new Set([`docs/operations/README${end}`]);
  for (const page of reached) {
    if (!existsSync(join(ROOT, page)) || !isOfLanguage(page)) continue;
    for (const [, link = ''] of read(page).matchAll(/\]\(([^)#:\s]+\.md)/g)) reached.add(join(dirname(page), link));
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});
