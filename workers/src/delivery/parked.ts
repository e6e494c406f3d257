/**
 * Thrown when an answer has to wait for longer than a worker should hold a conversation for it: the turn is put aside
 * with everything recorded, and taken up again then. So a platform that is away or slow does not use up the worker.
 */
export class Parked extends Error {
  override readonly name = 'Parked';
  readonly waitMs: number;
  /** Its time was named by the governor: looking at the turn before then is of no use. */
  readonly isPaced: boolean;

  constructor(waitMs: number, { isPaced = false } = {}) {
    super(`to be taken up again in ${Math.round(waitMs)} ms`);
    this.waitMs = waitMs;
    this.isPaced = isPaced;
  }
}

/** Waits up to this long are sat out. */
export const HOLD_MAX_MS = 2_500;
