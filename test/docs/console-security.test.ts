import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ACTIONS, matchesPattern, ROLE_ACTIONS, ROLES } from '@parley/core/access';
import { expect, test } from 'vitest';

/** The roles table of the documentation, as it has to be: a row for each kind of thing, what each role may do with it. */
function rolesTable(): string[][] {
  const kinds = [...new Set(ACTIONS.map((action) => action.split(':')[0] ?? ''))];
  const may = (role: (typeof ROLES)[number], action: string) =>
    ROLE_ACTIONS[role].some((pattern) => matchesPattern(pattern, action));
  return kinds.map((kind) => {
    const actions = ACTIONS.filter((action) => action.startsWith(`${kind}:`));
    const cells = ROLES.map((role) => {
      const verbs = actions.filter((action) => may(role, action)).map((action) => action.slice(kind.length + 1));
      return verbs.join(', ') || '—';
    });
    return [`\`${kind}\``, ...cells];
  });
}

test.each(['docs/console-security.md', 'docs/console-security.zh-CN.md'])('%s shows what each role may do', (file) => {
  const lines = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8').split('\n');
  const rows = lines
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const header = rows.findIndex((cells) => ROLES.every((role, index) => cells[index + 1] === `\`${role}\``));
  expect(header).toBeGreaterThanOrEqual(0);
  const expected = rolesTable();
  expect(rows.slice(header + 2, header + 2 + expected.length)).toEqual(expected);
});
