import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RoleName, rolePolicies, rolePrincipal } from '@parley/core/access';
import { createAudit } from '@parley/core/audit';
import { connectRedis, createPublisher } from '@parley/core/bus';
import { loadSettings } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { migrate } from '@parley/core/store';
import { createLogger } from '@parley/core/telemetry';
import {
  type Actor,
  closeServer,
  createIdempotency,
  createLiveEvents,
  createServer,
  type RuntimeDeps,
  registerAdminApi,
  runtimeRoutes,
} from '@parley/gateway';
import { recorded } from '../../../apps/hub/src/roles/api-turns.ts';
import { createAsking } from '../../../apps/hub/src/roles/asking.ts';
import { createHubCore } from '../../../apps/hub/src/roles/core.ts';
import { startGateway } from '../../../apps/hub/src/roles/gateway.ts';
import { createHubNotices } from '../../../apps/hub/src/roles/notices.ts';
import { startWorker } from '../../../apps/hub/src/roles/worker.ts';
import { createCleanup } from '../../flow/helpers/cleanup.ts';
import { fillWithEmptyPglite, startRedis } from '../../support/index.ts';

/** `operator@acme`, `owner@*`, or several of them with a comma between. */
export type Who = string;

export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
  headers: Headers;
}

/**
 * A whole hub in this process, gateway and worker, over PGlite and a real Redis; and beside it a server with the endpoints
 * about the running hub. Who asks is said by a header instead of a session.
 */
export async function startRunningHub(config: object, over: Partial<RuntimeDeps> = {}) {
  const cleanup = createCleanup();
  const redis = cleanup.add(await startRedis());
  const folder = await mkdtemp(join(tmpdir(), 'parley-admin-'));
  cleanup.add({ stop: () => rm(folder, { recursive: true, force: true }) });
  await writeFile(join(folder, 'parley.yaml'), JSON.stringify(config));
  await fillWithEmptyPglite(join(folder, 'postgres'));
  const env = { PORT: '0', PARLEY_DATA_DIR: folder, PARLEY_CONFIG: join(folder, 'parley.yaml'), PARLEY_SANDBOX: 'off' };
  const logger = createLogger('silent');
  const core = cleanup.add(
    await createHubCore({
      settings: loadSettings(env, 'start'),
      env,
      logger,
      redisUrl: redis.url,
      database: { pgliteDir: join(folder, 'postgres') },
      generateMasterKey: true,
      prepareStore: migrate,
    }),
  );
  const drained = (role: { drain(ms: number): Promise<void> }) => ({ stop: () => role.drain(1_000) });
  const worker = await startWorker(core);
  cleanup.add(drained(worker));
  const gateway = await startGateway(core);
  cleanup.add(drained(gateway));

  const { publishRedis, queue, store, sealer, settings, channels, pseudonym } = core;
  const asking = createAsking({ core, redis: publishRedis, notices: createHubNotices(core, publishRedis) });
  const live = createLiveEvents({ subscriber: connectRedis(redis.url, 'work', logger) });
  const routes = runtimeRoutes({
    store,
    sealer,
    redis: publishRedis,
    queue,
    publisher: createPublisher({ redis: publishRedis, queue, maxMailbox: settings.maxMailbox }),
    maxMailbox: settings.maxMailbox,
    config: () => core.config.current,
    channels,
    ask: recorded(asking.ask, publishRedis, core),
    limitsOf: asking.limitsOf,
    mask: asking.mask,
    pseudonym,
    live,
    about: { version: '0.0.0', role: 'start', startedAt: Date.now() },
    ...over,
  });
  const server = createServer(logger);
  registerAdminApi(server, {
    routes,
    version: '0.0.0',
    authenticate: async ({ headers }) => actorOf(headers['x-who']),
    idempotency: createIdempotency(publishRedis, sealer),
    tenants: () => core.config.current.tenants.map(({ id }) => id),
    audit: (entries) => createAudit(store).append(entries),
    logger,
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  cleanup.add({
    async stop() {
      live.close();
      await closeServer(server, 200);
    },
  });
  const url = `${server.listeningOrigin}/api/admin`;

  const request = (who: Who, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method,
      headers: {
        'x-who': who,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  return {
    core,
    routes,
    live,
    gatewayUrl: gateway.url,
    adminUrl: url,
    /** The response as it comes. */
    request,
    async call<T = Record<string, unknown>>(...asked: Parameters<typeof request>): Promise<Answer<T>> {
      const response = await request(...asked);
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('application/json');
      return { status: response.status, body: (isJson ? JSON.parse(text) : text) as T, headers: response.headers };
    },
    stop: () => cleanup.run(),
  };
}

function actorOf(header: string | string[] | undefined): Actor {
  if (typeof header !== 'string') throw new ParleyError('unauthorized', 'nobody');
  const roles = header.split(',').map((grant) => grant.split('@') as [RoleName, string]);
  return {
    id: header,
    username: roles[0]?.[0] ?? '',
    name: 'Olga Operator',
    via: 'session',
    principals: [`user:${header}`, ...roles.map(([role, tenant]) => rolePrincipal(role, tenant))],
    policies: roles.flatMap(([role, tenant]) => rolePolicies(role, tenant)),
  };
}

/** Reads server-sent events until `enough` says so. */
export async function readEvents(
  response: Response,
  enough: (events: { event: string; data: Record<string, unknown> }[]) => boolean,
) {
  const events: { event: string; data: Record<string, unknown> }[] = [];
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (event && data) events.push({ event, data: JSON.parse(data) });
    }
    if (enough(events)) break;
  }
  return events;
}
