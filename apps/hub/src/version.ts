import { readFileSync } from 'node:fs';

/** The hub's version, as its package says. */
export const VERSION = String(
  Reflect.get(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')), 'version'),
);
