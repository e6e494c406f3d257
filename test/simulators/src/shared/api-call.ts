import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiCall } from '../types.ts';
import type { Faults } from './faults.ts';
import type { SimResponse } from './http-server.ts';
import { maskSecrets } from './mask.ts';
import type { Recorder } from './recorder.ts';

export interface ApiGuard {
  faults: Faults;
  calls: Recorder<ApiCall>;
  /** What must not show in the recorded calls. */
  secrets: readonly string[];
  /** The platform's throttling answer. */
  rateLimited(retryAfterSeconds: number): SimResponse;
  /** The platform's answer for one of its error names. */
  failed(error: string): SimResponse;
}

/**
 * Runs one API call under the faults that are switched on, and records it. `run` has the call's effect; a call that is cut
 * `before` never has one, a call cut `after` has it although the caller never hears so.
 */
export async function runApiCall(
  guard: ApiGuard,
  call: { method: string; body: unknown },
  run: () => Promise<SimResponse> | SimResponse,
): Promise<SimResponse | 'cut'> {
  const at = Date.now();
  const response = await suffer(guard, call.method, run);
  const status = response === 'cut' ? 0 : (response.status ?? 200);
  guard.calls.add({ method: call.method, body: maskSecrets(call.body, guard.secrets), status, at });
  return response;
}

async function suffer(
  guard: ApiGuard,
  method: string,
  run: () => Promise<SimResponse> | SimResponse,
): Promise<SimResponse | 'cut'> {
  const action = guard.faults.take(method);
  switch (action?.kind) {
    case undefined:
      return run();
    case 'delay':
      await sleep(action.ms);
      return run();
    case 'rate_limit':
      return guard.rateLimited(action.retryAfterSeconds);
    case 'error':
      return guard.failed(action.error);
    case 'status':
      return { status: action.status, body: action.body ?? '' };
    case 'cut':
      if (action.when === 'after') await run();
      return 'cut';
  }
}
