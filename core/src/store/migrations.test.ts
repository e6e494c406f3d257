import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/**
 * While a new version is rolled out the old one still works on the migrated database. So a migration only adds; what
 * nobody uses any more goes in a later version, and then stands here.
 */
const FOLDER = new URL('./migrations/', import.meta.url);
const AGREED: string[] = [];
const BREAKS_OLD_HUBS = [
  /\bdrop\s+(table|column|constraint)\b/i,
  /\brename\b/i,
  /\balter\s+column\b(?!.*\b(drop not null|set default)\b)/i,
  /\badd\s+column\b(?=.*\bnot null\b)(?!.*\bdefault\b)/i,
];

const breaks = (statement: string) => BREAKS_OLD_HUBS.some((pattern) => pattern.test(statement));

test('no migration takes anything away from the version before it', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql') && !AGREED.includes(name));
  expect(files.length).toBeGreaterThan(0);
  const broken = files.flatMap((name) => {
    const statements = readFileSync(new URL(name, FOLDER), 'utf8').split('--> statement-breakpoint');
    return statements.filter(breaks).map((statement) => `${name}: ${statement.trim()}`);
  });
  expect(broken).toEqual([]);
});

test.each([
  ['ALTER TABLE "turns" DROP COLUMN "kind";', true],
  ['ALTER TABLE "turns" RENAME COLUMN "kind" TO "sort";', true],
  ['ALTER TABLE "turns" ALTER COLUMN "kind" SET NOT NULL;', true],
  ['ALTER TABLE "turns" ADD COLUMN "mood" text NOT NULL;', true],
  ['ALTER TABLE "turns" ADD COLUMN "mood" text DEFAULT \'\' NOT NULL;', false],
  ['ALTER TABLE "turns" ALTER COLUMN "kind" DROP NOT NULL;', false],
  ['CREATE TABLE "moods" ("name" text PRIMARY KEY NOT NULL);', false],
])('%s: %s', (statement, expected) => {
  expect(breaks(statement)).toBe(expected);
});
