import { API_KEY } from '../contestants/hub-config.ts';
import { type Contestant, cpuOf, type Running } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import type { CallResult, CallSpec } from '../world/calls.ts';
import { latencies } from './messages.ts';

export interface ChatApiWorkload {
  contestants: Contestant[];
  concurrencies: number[];
  seconds: number;
}

/** Where the hub and the proxy speak OpenAI's API. */
const PATH = '/v1/chat/completions';
const WARM_SECONDS = 0.7;

/** One round: plain and streamed answers over HTTP at each concurrency. */
export async function playChatApi(stage: Stage, workload: ChatApiWorkload, results: Results): Promise<void> {
  for (const contestant of workload.contestants) {
    await stage.reset();
    const running = await contestant.start(stage);
    try {
      for (const stream of [false, true]) {
        await call(stage, running, { stream, concurrency: 32, seconds: WARM_SECONDS });
        for (const concurrency of workload.concurrencies) {
          const name = `chat API ${stream ? 'streamed' : 'plain'} ×${concurrency}`;
          const before = cpuOf(running);
          const made = await call(stage, running, { stream, concurrency, seconds: workload.seconds });
          results.add(name, contestant.name, {
            per_second: (made.done / made.elapsedMs) * 1000,
            ...latencies('took', made.tookMs),
            ...latencies('first', made.firstMs),
            cpu_us: ((cpuOf(running) - before) * 1000) / made.done,
            refused: made.failed,
          });
        }
      }
    } finally {
      await running.stop();
    }
  }
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
