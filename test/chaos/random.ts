/** A source of chance that says the same things again for the same seed. */
export interface Random {
  /** From 0 (inclusive) to 1. */
  next(): number;
  /** A whole number from `min` to `max`, both inclusive. */
  between(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** An independent source that says the same however often this one is asked meanwhile. */
  fork(name: string): Random;
}

/** Mulberry32: 32 bits of state, more than good enough to choose what breaks next. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const random: Random = {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    between: (min, max) => min + Math.floor(random.next() * (max - min + 1)),
    pick(items) {
      if (items.length === 0) throw new Error('nothing to pick from');
      return items[Math.floor(random.next() * items.length)] as (typeof items)[number];
    },
    shuffle(items) {
      const left = [...items];
      return items.map(() => left.splice(Math.floor(random.next() * left.length), 1)[0] as (typeof items)[number]);
    },
    fork: (name) => createRandom([...name].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), seed)),
  };
  return random;
}
