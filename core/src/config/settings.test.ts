import { describe, expect, it } from 'vitest';
import { loadSettings } from './index.ts';

describe('loadSettings', () => {
  it('has defaults for everything on a laptop', () => {
    expect(loadSettings({ HOST: '', PORT: ' ' })).toEqual({
      role: 'start',
      port: 8080,
      host: '127.0.0.1',
      redisUrl: undefined,
      redisWaitReplicas: 0,
      databaseUrl: undefined,
      configFile: undefined,
      dataDir: './data',
      masterKey: undefined,
      adminPassword: undefined,
      oidc: undefined,
      publicUrl: undefined,
      workerConcurrency: 64,
      drainSeconds: 30,
      logLevel: 'info',
      workerPort: undefined,
      maxBacklog: 100_000,
      maxMailbox: 100,
      cacheMb: 100,
      trustedProxies: [],
      alertmanagerToken: undefined,
      sandbox: true,
      allowPrivateUrls: true,
      tracing: undefined,
      backupKey: undefined,
      backupMaxAgeHours: 26,
      backupTo: undefined,
      isBackupExpected: false,
      otherMasterKey: undefined,
    });
  });

  it('reads what is set', () => {
    const masterKey = Buffer.alloc(32, 7).toString('base64');
    const env = {
      PORT: '0',
      REDIS_URL: 'redis+sentinel://a:1,b:2/main',
      DATABASE_URL: 'postgres://u:p@h/db',
      PARLEY_CONFIG: '/etc/parley.yaml',
      PARLEY_MASTER_KEY: masterKey,
      PARLEY_PUBLIC_URL: 'https://bots.example/hub/',
      PARLEY_WORKER_PORT: '9100',
      PARLEY_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,fd00::/8,192.0.2.7',
      PARLEY_ALERTMANAGER_TOKEN: 'sixteen-or-more-characters',
      PARLEY_REDIS_WAIT_REPLICAS: '2',
      LOG_LEVEL: 'DEBUG',
    };
    expect(loadSettings(env, 'gateway')).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      configFile: '/etc/parley.yaml',
      masterKey,
      publicUrl: 'https://bots.example/hub',
      workerPort: 9100,
      redisWaitReplicas: 2,
      trustedProxies: ['loopback', '10.0.0.0/8', 'fd00::/8', '192.0.2.7'],
      alertmanagerToken: 'sixteen-or-more-characters',
      logLevel: 'debug',
    });
  });

  it('reads an identity provider and what its claims give', () => {
    const env = {
      PARLEY_OIDC_ISSUER: 'https://login.example/realms/acme',
      PARLEY_OIDC_CLIENT_ID: 'parley',
      PARLEY_OIDC_CLIENT_SECRET: 's',
      PARLEY_OIDC_ROLES:
        'groups=cn=hub:admins:owner@*; https://acme.example/dept = Support :operator@acme;*:viewer@acme',
    };
    expect(loadSettings(env).oidc).toEqual({
      issuer: 'https://login.example/realms/acme',
      clientId: 'parley',
      clientSecret: 's',
      name: 'OpenID Connect',
      roles: [
        { claim: 'groups', value: 'cn=hub:admins', role: 'owner', tenant: '*' },
        { claim: 'https://acme.example/dept', value: 'Support', role: 'operator', tenant: 'acme' },
        { claim: undefined, value: '', role: 'viewer', tenant: 'acme' },
      ],
    });
    expect(
      loadSettings({ ...env, PARLEY_OIDC_ISSUER: 'http://127.0.0.1:1', PARLEY_OIDC_ROLES: '' }).oidc,
    ).toMatchObject({
      issuer: 'http://127.0.0.1:1',
      roles: undefined,
    });
  });

  it.each([
    [{ PARLEY_OIDC_ISSUER: 'http://login.example', PARLEY_OIDC_CLIENT_ID: 'x' }, 'PARLEY_OIDC_ISSUER'],
    [{ PARLEY_OIDC_ISSUER: 'https://login.example' }, 'PARLEY_OIDC_CLIENT_ID'],
    [{ PARLEY_OIDC_CLIENT_ID: 'x' }, 'PARLEY_OIDC_ISSUER'],
    [{ PARLEY_OIDC_ROLES: 'groups=a:king@*' }, 'PARLEY_OIDC_ROLES'],
    [{ PARLEY_OIDC_ROLES: 'groups:owner@*' }, 'PARLEY_OIDC_ROLES'],
    [{ PARLEY_OIDC_ROLES: 'groups=a:owner' }, 'PARLEY_OIDC_ROLES'],
    [{ PARLEY_TRUSTED_PROXIES: 'everybody' }, 'PARLEY_TRUSTED_PROXIES'],
    [{ PARLEY_TRUSTED_PROXIES: '10.0.0.0/33' }, 'PARLEY_TRUSTED_PROXIES'],
    [{ PARLEY_TRUSTED_PROXIES: '10.0.0.0/8/8' }, 'PARLEY_TRUSTED_PROXIES'],
    [{ PARLEY_ALERTMANAGER_TOKEN: 'too-short' }, 'PARLEY_ALERTMANAGER_TOKEN'],
  ])('refuses %j', (env, name) => {
    expect(() => loadSettings(env)).toThrow(new RegExp(`^${name}: expected`, 'm'));
  });

  it('names every wrong variable, and shows no value', () => {
    const env = {
      PORT: '70000',
      REDIS_URL: 'http://secret@redis',
      DATABASE_URL: 'mysql://secret',
      PARLEY_MASTER_KEY: 'secret',
      PARLEY_PUBLIC_URL: 'https://user:secret@bots.example',
      PARLEY_WORKER_CONCURRENCY: '0',
      PARLEY_DRAIN_SECONDS: '1.5',
      PARLEY_WORKER_PORT: 'x',
      PARLEY_MAX_BACKLOG: '-1',
      PARLEY_MAX_MAILBOX: '1e3',
      PARLEY_SANDBOX: 'yes',
      LOG_LEVEL: 'loud',
    };
    let message = '';
    try {
      loadSettings(env);
    } catch (error) {
      message = error instanceof Error ? error.message : '';
    }
    expect(message.split('\n').map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(Object.keys(env)));
    expect(message.split('\n')).toHaveLength(Object.keys(env).length);
    expect(message).not.toContain('secret');
  });

  it.each([
    [{}, 'start', true],
    [{ NODE_ENV: 'production' }, 'start', false],
    [{ PARLEY_PUBLIC_URL: 'https://bots.example' }, 'start', false],
    [{ PARLEY_SANDBOX: 'off' }, 'start', false],
    [{ PARLEY_SANDBOX: 'on', NODE_ENV: 'production', PARLEY_PUBLIC_URL: 'https://bots.example' }, 'start', true],
    [{ PARLEY_SANDBOX: 'on' }, 'command', false],
  ] as const)('with %o in the role %s a sandbox may be started: %s', (env, role, sandbox) => {
    expect(loadSettings(env, role).sandbox).toBe(sandbox);
  });

  it.each(['gateway', 'worker'] as const)('%s needs the shared Redis and database', (role) => {
    expect(() => loadSettings({}, role)).toThrow(/REDIS_URL[\s\S]*DATABASE_URL/);
  });

  it.each(['redis://h', 'rediss://u:p@h:1/2', '10.0.0.1:7000,10.0.0.2:7000', 'redis://a:1,redis://b:1'])(
    'takes %s',
    (url) => {
      expect(loadSettings({ REDIS_URL: url }).redisUrl).toBe(url);
    },
  );
});
