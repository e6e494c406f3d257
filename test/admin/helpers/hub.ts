import { createAudit } from '@parley/core/audit';
import { connectRedis, type RedisClient, untilUsable } from '@parley/core/bus';
import type { OidcSettings } from '@parley/core/config';
import {
  type AddressLimit,
  createIdentity,
  createPasswords,
  ensureFirstAdministrator,
  type Identity,
} from '@parley/core/identity';
import { createSealer } from '@parley/core/secrets';
import { migrate, type Store, tables } from '@parley/core/store';
import { createLogger } from '@parley/core/telemetry';
import {
  closeServer,
  createAdminAuthenticate,
  createIdempotency,
  createServer,
  identityRoutes,
  registerAdminApi,
} from '@parley/gateway';
import { openEmptyPglite, startRedis, type TestRedis } from '../../support/index.ts';
import { createBrowser, type Secrets } from './browser.ts';

export const ADMIN_PASSWORD = 'the first of all passwords';
const REDIS_WAIT_MS = 30_000;
const TENANTS = [{ id: 'acme', name: 'Acme' }, { id: 'globex' }];

/** The gateway's half of the console, over an embedded database and a real Redis; several processes on the same two. */
export interface TestConsole {
  store: Store;
  redis: TestRedis;
  /** Starts Redis again; resolves when every gateway is connected to it. */
  restartRedis(): Promise<void>;
  identity: Identity;
  audit: ReturnType<typeof createAudit>;
  /** Lines of the log. */
  lines: string[];
  /** What must never be told twice. */
  secrets: Secrets;
  /** All that was ever answered, bodies and headers. */
  told: string[];
  url: string;
  /** How many passwords were compared. */
  compared: () => number;
  /** Lets time pass, for this hub only. */
  pass(ms: number): void;
  now(): number;
  /** Another gateway on the same database and Redis. */
  another(options?: { addressLimit?: AddressLimit; oidc?: OidcSettings }): Promise<{ url: string; identity: Identity }>;
  browser(url?: string): ReturnType<typeof createBrowser>;
  stop(): Promise<void>;
}

export async function startConsole(): Promise<TestConsole> {
  const redis = await startRedis();
  const store = await openEmptyPglite();
  await migrate(store);
  const lines: string[] = [];
  const logger = createLogger('trace', { write: (line) => void lines.push(line) });
  const sealer = createSealer(Buffer.alloc(32, 7));
  const audit = createAudit(store);
  const stops: (() => Promise<unknown>)[] = [];
  const clients: RedisClient[] = [];
  const told: string[] = [];
  const secrets: Secrets = new Set([ADMIN_PASSWORD]);
  let [passed, compared] = [0, 0];
  const now = () => Date.now() + passed;
  const cheap = createPasswords({ cost: { memoryKib: 64, passes: 1, lanes: 1 }, maxWaiting: 1_000 });
  const passwords: typeof cheap = {
    hash: cheap.hash,
    verify(password, stored) {
      compared += 1;
      return cheap.verify(password, stored);
    },
  };
  await ensureFirstAdministrator({ store, passwords, password: ADMIN_PASSWORD, generate: false, now });

  const another: TestConsole['another'] = async ({
    addressLimit = { attempts: 10_000, windowMs: 60_000 },
    oidc,
  } = {}) => {
    const client = connectRedis(redis.url, 'publish', logger);
    const identity = createIdentity({ store, redis: client, sealer, oidc, passwords, addressLimit, now });
    const server = createServer(logger);
    registerAdminApi(server, {
      routes: identityRoutes({
        identity,
        audit: audit.append,
        tenants: () => TENANTS,
        publicUrl: undefined,
        version: '1.2.3',
        hasSandbox: false,
        logger,
      }),
      authenticate: createAdminAuthenticate({ identity, publicUrl: undefined }),
      idempotency: createIdempotency(client, sealer),
      tenants: () => TENANTS.map(({ id }) => id),
      audit: audit.append,
      logger,
      version: '1.2.3',
    });
    clients.push(client);
    await untilUsable(client, REDIS_WAIT_MS);
    await server.listen({ port: 0, host: '127.0.0.1' });
    stops.push(async () => {
      await closeServer(server, 0);
      client.disconnect();
    });
    return { url: server.listeningOrigin, identity };
  };

  const first = await another();
  return {
    store,
    redis,
    async restartRedis() {
      await redis.restart();
      await Promise.all(clients.map((client) => untilUsable(client, REDIS_WAIT_MS)));
    },
    audit,
    lines,
    secrets,
    told,
    ...first,
    compared: () => compared,
    pass(ms) {
      passed += ms;
    },
    now,
    another,
    browser: (url = first.url) => createBrowser(url, { told, secrets }),
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await store.close();
      await redis.stop();
    },
  };
}

/** Everything the tables of identity and the audit log hold, as text. */
export async function dump({ db }: Store): Promise<string> {
  const all = [tables.users, tables.userSessions, tables.accessTokens, tables.policies, tables.userRoles, tables.audit];
  const rows = await Promise.all(all.map((table) => db.select().from(table)));
  return JSON.stringify(rows);
}
