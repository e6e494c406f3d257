import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds; a test that waits in vain ends by the runner's own time limit, saying for what. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  giveUpMs = 20_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + giveUpMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await sleep(10);
  }
}
