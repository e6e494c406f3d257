import type { ApiFault } from '../types.ts';
import { createRules } from './rules.ts';

/** The faults a test has switched on for a simulator's API. */
export interface Faults {
  /** See `PlatformSimulator.misbehave`. */
  misbehave(fault: ApiFault): () => void;
  /** What a call of `method` has to suffer, if anything; counts the fault as used. */
  take(method: string): ApiFault['action'] | undefined;
}

/** Makes the fault list of one simulator. A string names a method exactly (letter case ignored), a RegExp searches it. */
export function createFaults(): Faults {
  const rules = createRules<ApiFault>();
  return {
    misbehave: (fault) => rules.add(fault),
    take: (method) => rules.take((fault) => matchesMethod(fault.method, method))?.action,
  };
}

function matchesMethod(wanted: string | RegExp | undefined, method: string): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === 'string') return wanted.toLowerCase() === method.toLowerCase();
  return method.search(wanted) >= 0; // unlike test(), search() ignores a global RegExp's lastIndex
}
