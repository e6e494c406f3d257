import { expect, test } from 'vitest';
import { createMemory } from './remember.ts';

test('one look serves all who ask meanwhile, and the next one comes when it is old', async () => {
  let now = 0;
  let looks = 0;
  const remember = createMemory<number>(() => now);
  const ask = (key: unknown = ['acme', 24]) => remember(key, 1_000, async () => ++looks);
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  now = 999;
  expect(await ask()).toBe(1);
  expect(await ask(['acme', 48])).toBe(2);
  now = 1_000;
  expect(await ask()).toBe(3);
});

test('a failure is not remembered, and there is a bound', async () => {
  let looks = 0;
  const remember = createMemory<number>(() => 0);
  const fail = async () => {
    looks++;
    throw new Error('away');
  };
  await expect(remember('a', 1_000, fail)).rejects.toThrow('away');
  await expect(remember('a', 1_000, fail)).rejects.toThrow('away');
  expect(looks).toBe(2);
  for (let i = 0; i < 250; i++) await remember(i, 1_000, async () => ++looks);
  const before = looks;
  await remember(0, 1_000, async () => ++looks);
  expect(looks).toBe(before + 1);
});
