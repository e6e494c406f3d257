/**
 * Named steps of a message's way at which tests kill the process, to prove that nothing is lost or doubled there.
 * Outside tests nothing is armed and a step costs one comparison.
 */
export type CrashPoint =
  | 'gateway:published' // durable, but nobody was woken
  | 'gateway:woken' // a worker was woken, but the platform has no answer yet
  | 'worker:claimed'
  | 'worker:stream_started' // something may be visible
  | 'worker:previewed'
  | 'worker:answered' // the model has finished, nothing is recorded
  | 'worker:recorded' // the answer is in the record, nothing is sent
  | 'worker:sending' // just before the platform is called for the final text
  | 'worker:sent' // the platform has it, the record does not say so
  | 'worker:part_recorded'
  | 'worker:completed';

let armed: { point: string; countdown: number } | undefined;

/** @param spec `POINT` or `POINT:N` (the Nth time it is reached), from PARLEY_TEST_CRASH_AT */
export function armCrashPoint(spec: string | undefined): void {
  const match = /^([a-z]+:[a-z_]+)(?::(\d+))?$/.exec(spec ?? '');
  armed = match ? { point: match[1] as string, countdown: Number(match[2] ?? 1) } : undefined;
}

/** Ends the process as `kill -9` would when this step is the armed one. */
export function crashPoint(point: CrashPoint): void {
  if (armed?.point !== point) return;
  armed.countdown--;
  if (armed.countdown === 0) process.kill(process.pid, 'SIGKILL');
}
