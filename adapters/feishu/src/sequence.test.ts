import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSequence, SEQUENCE_BLOCK } from './sequence.ts';

describe('the numbers of operations', () => {
  it('rise over any number of processes that take over from each other, wherever they stop', async () => {
    const process = fc.array(fc.constantFrom('next', 'skip'), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(process, { maxLength: 8 }), async (processes) => {
        let durable = 0;
        const used: number[] = [];
        for (const steps of processes) {
          const numbers = createSequence({ reserved: durable, used: durable }, async (end) => {
            durable = end;
          });
          for (const step of steps) {
            if (step === 'skip') numbers.skip();
            else used.push(await numbers.next());
            expect(used.at(-1) ?? 0).toBeLessThanOrEqual(durable);
          }
        }
        expect(used).toEqual([...new Set(used)].sort((a, b) => a - b));
      }),
    );
  });

  it('begin at one, and need one reservation for a whole block', async () => {
    const reserved: number[] = [];
    const numbers = createSequence({ reserved: SEQUENCE_BLOCK, used: 0 }, async (end) => void reserved.push(end));
    for (let i = 1; i <= SEQUENCE_BLOCK; i++) expect(await numbers.next()).toBe(i);
    expect(reserved).toEqual([]);
    expect(await numbers.next()).toBe(SEQUENCE_BLOCK + 1);
    expect(reserved).toEqual([2 * SEQUENCE_BLOCK]);
  });

  it('are not given out when they cannot be reserved', async () => {
    let owns = false;
    const numbers = createSequence({ reserved: 0, used: 0 }, async () => {
      if (!owns) throw new Error('the turn is another worker’s');
    });
    await expect(numbers.next()).rejects.toThrow('another worker');
    owns = true;
    expect(await numbers.next()).toBe(1);
  });
});
