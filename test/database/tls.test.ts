import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { connectRedis, untilUsable } from '@parley/core/bus';
import { openStore } from '@parley/core/store';
import { createLogger } from '@parley/core/telemetry';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answered } from '../flow/helpers/chats.ts';
import { createCleanup } from '../flow/helpers/cleanup.ts';
import { runCommand } from '../flow/helpers/command.ts';
import { createAuthority, freePort } from '../support/certificates.ts';
import { createWorld, startHub, startPostgres, until } from '../support/index.ts';

/** Real servers that speak TLS, with certificates of an authority that only this test knows. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const cleanup = createCleanup();
const authority = createAuthority();
const ports = { redis: 0, postgres: 0 };
const trusted = { NODE_EXTRA_CA_CERTS: authority.caFile };

beforeAll(async () => {
  cleanup.add({ stop: () => rm(authority.folder, { recursive: true, force: true }) });
  const server = authority.issue('server', 'DNS:localhost');
  ports.postgres = await freePort();
  ports.redis = await freePort();
  cleanup.add(await startPostgres({ tls: { port: ports.postgres, cert: server.cert, key: server.key } }));
  const options = ['--port', '0', '--tls-port', String(ports.redis), '--bind', '127.0.0.1', '--save', ''];
  const files = [
    '--tls-cert-file',
    server.certFile,
    '--tls-key-file',
    server.keyFile,
    '--tls-ca-cert-file',
    authority.caFile,
  ];
  const redis = spawn('redis-server', [...options, ...files, '--tls-auth-clients', 'no'], { stdio: 'pipe' });
  cleanup.add({
    stop: async () => {
      redis.kill('SIGKILL');
    },
  });
  let output = '';
  redis.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await until('redis ready', () => {
    if (redis.exitCode !== null) throw new Error(output);
    return output.includes('Ready to accept connections');
  });
});
afterAll(() => cleanup.run());

const databaseUrl = (query: string, host = 'localhost') =>
  `postgres://parley@${host}:${ports.postgres}/postgres?${query}`;
const redisUrl = (host = 'localhost') => `rediss://${host}:${ports.redis}`;

describe('Postgres', () => {
  const verified = `sslmode=verify-full&sslrootcert=${authority.caFile}`;

  test('sslmode=verify-full with the authority: encrypted, and nobody else answers', async () => {
    const store = await openStore({ databaseUrl: databaseUrl(verified) });
    const { rows } = (await store.db.execute(
      sql`select ssl, version from pg_stat_ssl where pid = pg_backend_pid()`,
    )) as unknown as { rows: unknown[] };
    await store.close();
    expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
  });

  test('a certificate for another name is refused, whoever issued it', async () => {
    await expect(openStore({ databaseUrl: databaseUrl(verified, '127.0.0.1') })).rejects.toThrow(
      /ERR_TLS_CERT_ALTNAME_INVALID/,
    );
  });

  test('an authority that is not known is refused', async () => {
    await expect(openStore({ databaseUrl: databaseUrl('sslmode=verify-full') })).rejects.toThrow(
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/,
    );
  });
});

describe('Redis', () => {
  test('an authority that is not known is refused', async () => {
    const redis = connectRedis(redisUrl(), 'publish', createLogger('silent'));
    const failed = new Promise((resolve) => redis.once('error', resolve));
    expect(String(await failed)).toMatch(/self-signed certificate in certificate chain/);
    await untilUsable(redis, 200);
    expect(redis.status).not.toBe('ready');
    redis.disconnect();
  });

  test('a certificate for another name is refused, whoever issued it', async () => {
    const failure = await runCommand(['cache', 'purge', '--tenant', 'acme'], authority.folder, {
      ...trusted,
      REDIS_URL: redisUrl('127.0.0.1'),
    });
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('Redis cannot be reached') });
    const seen = await runCommand(['doctor'], authority.folder, { REDIS_URL: redisUrl() });
    expect(seen.stdout).toMatch(/^FAIL {2}redis: cannot be reached \(SELF_SIGNED_CERT_IN_CHAIN\)$/m);
    const right = { ...trusted, REDIS_URL: redisUrl() };
    const purged = await runCommand(['cache', 'purge', '--tenant', 'acme'], authority.folder, right);
    expect(purged, purged.stderr).toMatchObject({ code: 0 });
  });
});

test('the whole hub over TLS: NODE_EXTRA_CA_CERTS names the authority for both', async () => {
  const world = cleanup.add(await createWorld());
  const env = {
    ...trusted,
    REDIS_URL: redisUrl(),
    DATABASE_URL: databaseUrl('sslmode=verify-full'),
    PARLEY_MASTER_KEY: Buffer.alloc(32, 5).toString('base64'),
    HOST: '127.0.0.1',
  };
  const migrated = await runCommand(['migrate'], authority.folder, env);
  expect(migrated, migrated.stderr).toMatchObject({ code: 0, stderr: '' });
  const config = world.config();
  const gateway = cleanup.add(await startHub({ role: 'gateway', config, env }));
  cleanup.add(await startHub({ role: 'worker', config, env }));
  world.connect(gateway.url);
  await world.telegram.say({ chat: 'tls', text: 'hello over TLS' });
  await answered(world.telegram, 'tls', '');
  expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
});
