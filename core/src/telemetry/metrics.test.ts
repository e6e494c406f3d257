import { expect, test } from 'vitest';
import { boundedNames } from './bounded.ts';
import { createMetrics } from './metrics.ts';

/** What may tell series apart: closed sets, and what somebody has configured. Never people, chats, conversations or texts. */
const BOUNDED = new Set([
  ...['platform', 'status', 'outcome', 'phase', 'code', 'reason', 'direction', 'level', 'state', 'dependency', 'route'],
  'kind',
  ...['tenant', 'channel', 'model', 'endpoint'],
]);

test('labels are of a bounded number', () => {
  const metrics = createMetrics().registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  const own = metrics.filter(({ name }) => name.startsWith('parley_'));
  expect(own.length).toBeGreaterThan(25);
  expect(own.flatMap(({ labelNames }) => labelNames).filter((label) => !BOUNDED.has(label))).toEqual([]);
});

test('names beyond the bound are one', () => {
  const label = boundedNames(2);
  expect(['a', 'b', 'a', 'c', 'd', 'b'].map(label)).toEqual(['a', 'b', 'a', 'other', 'other', 'b']);
});
