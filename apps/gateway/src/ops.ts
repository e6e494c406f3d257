import type { Metrics } from '@parley/core/telemetry';
import type { FastifyInstance } from 'fastify';

/** One thing the process needs in order to work; `check` rejects when it is not usable. */
export interface Check {
  name: string;
  check: () => Promise<unknown>;
}

export interface OpsOptions {
  checks: Check[];
  metrics: Pick<Metrics, 'registry' | 'openMetrics' | 'dependencyUp'>;
  /** True once the process has begun to drain: it still works but wants no new traffic. */
  isDraining: () => boolean;
}

/** A check that hangs is a check that fails. */
const CHECK_TIMEOUT_MS = 2000;

/** `/health` (the process lives), `/ready` (what it needs is usable, else 503 naming what is not), `/metrics`. */
export function registerOps(
  server: FastifyInstance,
  { checks, metrics: { registry, openMetrics, dependencyUp }, isDraining }: OpsOptions,
): void {
  dependencyUp.ask(async () =>
    (await outcomes(checks)).map(([dependency, problem]) => ({
      labels: { dependency },
      value: problem === 'ok' ? 1 : 0,
    })),
  );
  server.get('/health', async () => ({ status: 'ok' }));

  server.get('/ready', async (_request, reply) => {
    const results = await outcomes(checks);
    const failing = results.filter(([, problem]) => problem !== 'ok').map(([name]) => name);
    if (isDraining()) failing.push('draining');
    reply.code(failing.length === 0 ? 200 : 503);
    return { status: failing.length === 0 ? 'ready' : 'not_ready', failing, checks: Object.fromEntries(results) };
  });

  server.get('/metrics', async ({ headers }, reply) => {
    // Prometheus names both formats, and takes exemplars only in this one.
    const asked = headers.accept?.includes('application/openmetrics-text') ? openMetrics : undefined;
    const format = asked ?? registry;
    reply.type(format.contentType);
    return format.metrics();
  });
}

/** What is wrong with each, or `ok`. */
function outcomes(checks: Check[]): Promise<(readonly [name: string, problem: string])[]> {
  return Promise.all(checks.map(async ({ name, check }) => [name, await outcome(check)] as const));
}

async function outcome(check: () => Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), timeout]);
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
