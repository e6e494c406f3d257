import type { ScriptArgument } from '../bus/scripts/run.ts';
import { ParleyError } from '../errors/index.ts';

type Ask = (keys: string[], args: ScriptArgument[]) => Promise<unknown>;

/** Whatever Redis fails with, nothing may be spent. */
export async function run(script: Ask, keys: string[], args: ScriptArgument[]): Promise<unknown> {
  try {
    return await script(keys, args);
  } catch (error) {
    throw new ParleyError('unavailable', 'Redis cannot be reached for the quota', { cause: error, retryAfterMs: 2000 });
  }
}
