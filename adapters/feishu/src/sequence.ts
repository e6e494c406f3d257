/** The numbers of a card's operations: each above the last, also over all the processes that work on the card. */
export interface Sequence {
  /** Throws what `reserve` throws. */
  next(): Promise<number>;
  /** Somebody else has used numbers of ours: goes on with a new block. */
  skip(): void;
}

/**
 * How many numbers a process takes at once. CardKit wants them rising, but not without gaps, and below 2^31
 * (https://open.feishu.cn/document/cardkit-v1/card-element/content): enough for 200,000 processes one after the other,
 * and for more than an hour of streaming without a second reservation.
 */
export const SEQUENCE_BLOCK = 10_000;

/**
 * Numbers come from blocks that are reserved in the turn's record before their first use; whoever goes on with the card
 * begins above what was reserved last. Unlike numbers from a clock they need no clocks that agree, and they keep out
 * a worker that lost the turn without knowing: Feishu refuses its late operations for being below its successor's.
 *
 * @param reserved the end of the last block that is known to be reserved
 * @param used the last number that may have been used
 * @param reserve makes it durable that the numbers up to `end` are taken
 */
export function createSequence(
  { reserved, used }: { reserved: number; used: number },
  reserve: (end: number) => Promise<void>,
): Sequence {
  let end = reserved;
  let last = used;
  return {
    async next() {
      if (last >= end) {
        await reserve(end + SEQUENCE_BLOCK);
        last = end;
        end += SEQUENCE_BLOCK;
      }
      last++;
      return last;
    },
    skip() {
      last = end;
    },
  };
}
