import { expect, test } from 'vitest';
import { createTimeline } from './timeline.ts';

test('what was decided stands where it happened, also what an earlier attempt decided', () => {
  let now = 1_000;
  const timeline = createTimeline({ receivedAt: 1_000, trigger: 'direct' }, () => now);
  now = 1_200;
  timeline.add('taken', { attempt: 2 });
  timeline.add('quota', { admitted: true }, 1_050);
  now = 1_300;
  timeline.add('decided');
  // Another machine's clock was behind.
  timeline.add('guard', undefined, 900);
  expect(timeline.entries.map(({ what, atMs }) => [what, atMs])).toEqual([
    ['received', 0],
    ['trigger', 0],
    ['guard', 0],
    ['quota', 50],
    ['taken', 200],
    ['decided', 300],
  ]);
});
