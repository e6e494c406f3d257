import { API_KEY } from '../contestants/hub-config.ts';
import { type Contestant, cpuOf, type Running } from '../contestants/index.ts';
import type { Stage } from '../stage.ts';
import type { CallResult, CallSpec } from '../world/calls.ts';
import type { Entry } from './arena.ts';
import { latencies } from './messages.ts';
import { settled } from './settled.ts';

export interface ChatApiWorkload {
  contestants: Contestant[];
  concurrencies: number[];
  seconds: number;
  warmSeconds: number;
}

/** Where the hub and the proxy speak OpenAI's API. */
const PATH = '/v1/chat/completions';

/** Before each measurement: who was not asked for a minute takes some hundred requests to be as fast as before. */
const AGAIN_SECONDS = 0.3;

export function apiName(stream: boolean, concurrency: number): string {
  return `chat API ${stream ? 'streamed' : 'plain'} ×${concurrency}`;
}

/** Plain and streamed answers over HTTP at each concurrency; the outer list is by workload. */
export function chatApiEntries({ contestants, concurrencies, seconds, warmSeconds }: ChatApiWorkload): Entry[][] {
  const kinds = [false, true].flatMap((stream) => concurrencies.map((concurrency) => ({ stream, concurrency })));
  return kinds.map(({ stream, concurrency }, index) =>
    contestants.map((contestant): Entry => {
      const workload = apiName(stream, concurrency);
      return {
        workload,
        contestant,
        async warm(stage, running) {
          // Once for each kind: connections for more callers come by themselves.
          if (index > 0 && kinds[index - 1]?.stream === stream) return;
          await call(stage, running, { stream, concurrency: 32, seconds: warmSeconds });
          await settled(running);
        },
        async measure(stage, running, results) {
          await call(stage, running, { stream, concurrency, seconds: AGAIN_SECONDS });
          await settled(running);
          const before = cpuOf(running);
          const made = await call(stage, running, { stream, concurrency, seconds });
          await settled(running);
          results.add(workload, contestant.name, {
            per_second: (made.done / made.elapsedMs) * 1000,
            ...latencies('took', made.tookMs),
            ...latencies('first', made.firstMs),
            cpu_us: ((cpuOf(running) - before) * 1000) / made.done,
            refused: made.failed,
          });
        },
      };
    }),
  );
}

async function call(
  { world }: Stage,
  { port, apiPath = PATH }: Running,
  spec: Pick<CallSpec, 'stream' | 'concurrency' | 'seconds'>,
): Promise<CallResult> {
  const order = { kind: 'calls', port, spec: { ...spec, path: apiPath, key: API_KEY } };
  const { result, error } = await world.ask<{ result: CallResult; error?: string }>(order);
  if (error) throw new Error(error);
  return result;
}
