import { createServer, type RequestListener } from 'node:http';

/** What every contestant is given: the same Redis, the same stubs. */
export interface ContestantInput {
  redisSocket: string;
  /** The model API as an OpenAI client takes it, `/v1` included. */
  modelUrl: string;
  platformUrl: string;
}

const NAME = 'BENCH_INPUT';

export function toEnvironment(input: ContestantInput): Record<string, string> {
  return { [NAME]: JSON.stringify(input) };
}

export function readInput(): ContestantInput {
  return JSON.parse(process.env[NAME] ?? '') as ContestantInput;
}

/** Listens on a free port and tells the benchmark; ends when the benchmark does. */
export function serve(listener: RequestListener): void {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    process.send?.({ ports: [address.port] });
  });
  process.on('disconnect', () => process.exit());
}
