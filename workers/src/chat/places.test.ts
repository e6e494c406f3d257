import { describe, expect, test, vi } from 'vitest';
import { createPlaces } from './places.ts';

const never = () => {
  throw new Error('must not be called');
};

describe('places', () => {
  test('so many at a time, in the order in which they came', async () => {
    const places = createPlaces(2);
    const order: string[] = [];
    expect(places.offer(() => order.push('a'), never, 1000)).toBe(true);
    expect(await places.enter(1000)).toBe(true);
    const entered = places.enter(1000).then(() => order.push('b'));
    expect(places.offer(() => order.push('c'), never, 1000)).toBe(true);
    expect(order).toEqual(['a']);
    places.leave();
    places.leave();
    await entered;
    expect(order).toEqual(['a', 'c', 'b']);
    places.leave();
    expect(places.offer(() => order.push('d'), never, 1000)).toBe(true);
    expect(order.at(-1)).toBe('d');
  });

  test('no more wait than there are places', () => {
    const places = createPlaces(1);
    const begun = vi.fn();
    places.offer(begun, never, 1000);
    expect(places.offer(begun, never, 1000)).toBe(true);
    expect(places.offer(begun, never, 1000)).toBe(false);
    places.leave();
    expect(begun).toHaveBeenCalledTimes(2);
    expect(places.offer(begun, never, 1000)).toBe(true);
  });

  test('who waits too long, or when all is cleared, gives up and is not begun', async () => {
    vi.useFakeTimers();
    try {
      const places = createPlaces(2);
      places.offer(() => {}, never, 1000);
      places.offer(() => {}, never, 1000);
      const gaveUp: string[] = [];
      places.offer(never, () => gaveUp.push('late'), 100);
      places.offer(never, () => gaveUp.push('cleared'), 1000);
      const entered = places.enter(1000);
      vi.advanceTimersByTime(150);
      expect(gaveUp).toEqual(['late']);
      places.clear();
      expect(gaveUp).toEqual(['late', 'cleared']);
      expect(await entered).toBe(false);
      places.leave();
      places.leave();
      const begun = vi.fn();
      places.offer(begun, never, 1000);
      places.offer(begun, never, 1000);
      expect(begun).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
