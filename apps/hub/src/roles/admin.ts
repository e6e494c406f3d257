import { createAudit } from '@parley/core/audit';
import { connectRedis, type Publisher } from '@parley/core/bus';
import { createIdentity, ensureFirstAdministrator } from '@parley/core/identity';
import { askOnce, createProviders } from '@parley/core/provider';
import {
  type ChannelHealth,
  configAttention,
  configRoutes,
  createAdminAuthenticate,
  createIdempotency,
  createLiveEvents,
  createReachableCheck,
  type createServer,
  identityRoutes,
  registerAdminApi,
  runtimeRoutes,
  type Sandbox,
  sandboxRoutes,
} from '@parley/gateway';
import { VERSION } from '../version.ts';
import type { Asking } from './asking.ts';
import type { HubCore } from './core.ts';

export interface AdminOptions {
  core: HubCore;
  server: ReturnType<typeof createServer>;
  /** What is asked of it leaves its traces. */
  asking: Pick<Asking, 'ask' | 'limitsOf' | 'mask'>;
  publisher: Publisher;
  health: ChannelHealth;
  /** Absent where there is none. */
  sandbox: Sandbox | undefined;
}

export interface Admin {
  /** What is shown once to whoever started the hub: the first administrator, whose password nobody chose. */
  firstAdministrator: { username: string; password: string } | undefined;
  close(): Promise<void>;
}

/** The admin API of a gateway: who is who, the configuration, and what runs. */
export async function startAdmin({ core, server, asking, publisher, health, sandbox }: AdminOptions): Promise<Admin> {
  const { store, sealer, settings, config, channels, editor, versions, publishRedis: redis, logger } = core;
  const { publicUrl } = settings;
  const identity = createIdentity({ store, redis, sealer, oidc: settings.oidc });
  const providers = createProviders({ isChecked: core.network.isChecked });
  const audit = createAudit(store);
  const routeHealth = () => core.answering.pool.health();
  const live = createLiveEvents({ subscriber: connectRedis(core.redisUrl, 'work', logger), health: routeHealth });
  const tenants = () => config.current.tenants;

  registerAdminApi(server, {
    version: VERSION,
    authenticate: createAdminAuthenticate({ identity, publicUrl }),
    idempotency: createIdempotency(redis, sealer),
    tenants: () => tenants().map(({ id }) => id),
    audit: (entries) => audit.append(entries),
    logger,
    routes: [
      ...identityRoutes({
        identity,
        audit: (entries) => audit.append(entries),
        tenants,
        publicUrl,
        version: VERSION,
        hasSandbox: sandbox !== undefined,
        logger,
      }),
      ...configRoutes({
        config,
        editor,
        versions,
        channels,
        health,
        pool: core.answering.pool,
        store,
        logger,
        publicUrl,
        askOnce: (model, text, signal) => askOnce(providers, model, text, signal),
        assertReachable: createReachableCheck(settings.allowPrivateUrls),
        draftNetwork: core.network.drafts,
      }),
      ...runtimeRoutes({
        store,
        sealer,
        redis,
        queue: core.queue,
        publisher,
        maxMailbox: settings.maxMailbox,
        config: () => config.current,
        channels,
        ...asking,
        pseudonym: core.pseudonym,
        live,
        health: routeHealth,
        attention: (of) => configAttention(config, health, of),
        backups: core.backups.current,
        about: { version: VERSION, role: settings.role, startedAt: Date.now() },
      }),
      ...sandboxRoutes({ sandbox }),
    ],
  });

  const firstAdministrator = await ensureFirstAdministrator({
    store,
    passwords: identity.passwords,
    password: settings.adminPassword,
    generate: settings.role === 'start',
  });
  core.onConfigChange(() => {
    void versions.activeNumber().then(
      (version) => live.emit({ name: 'config', data: { version } }),
      () => undefined,
    );
  });
  return {
    firstAdministrator,
    async close() {
      live.close();
      await providers.close();
    },
  };
}
