import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/index.ts';
import { DEPLOY, ROOT, read } from './support/files.ts';
import { findProgram } from './support/programs.ts';

/** The units as systemd reads them, and the example for supervisor as supervisord runs it. */
const run = promisify(execFile);
const systemd = findProgram('systemd-analyze', 'systemd');
const supervisord = findProgram('supervisord', 'supervisor');
const UNITS = [
  'parley-gateway@8080.service',
  'parley-worker@9464.service',
  'parley-migrate.service',
  'parley-backup.service',
  'parley-backup.timer',
];
/** The template of an instance. */
const fileOf = (unit: string) => unit.replace(/@\d+/, '@');
const NODE = '/opt/parley/node_modules/.bin/node';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-units-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(systemd.missing)(`systemd ${systemd.note}`, () => {
  beforeAll(async () => {
    for (const unit of UNITS) {
      const text = read(`deploy/systemd/${fileOf(unit)}`);
      // verify wants to see the program; nothing else is changed.
      await writeFile(join(folder, fileOf(unit)), text.replaceAll(NODE, join(ROOT, 'node_modules/.bin/node')));
    }
  });

  test('verify has nothing to say', async () => {
    const { stdout, stderr } = await run(systemd.path, ['verify', ...UNITS.map((unit) => `./${unit}`)], {
      cwd: folder,
    });
    // Units of this machine are none of ours.
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('parley'));
    expect(ours).toEqual([]);
    await writeFile(join(folder, 'broken.service'), '[Service]\nExecStart=/nowhere/node\nProtectSystm=strict\n');
    await expect(run(systemd.path, ['verify', './broken.service'], { cwd: folder })).rejects.toThrow();
  });

  test.each(UNITS.filter((unit) => unit.endsWith('.service')))('%s is shut in', async (unit) => {
    const { stdout } = await run(systemd.path, ['security', '--offline=true', `./${fileOf(unit)}`], { cwd: folder });
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    // Measured with systemd 252: 1.1 for the roles, 1.3 for migrate and backup. A unit that says nothing has 9.6.
    expect(exposure).toBeLessThanOrEqual(1.5);
  });
});

describe.each([
  ['systemd', 'deploy/systemd/parley-gateway@.service', /TimeoutStopSec=(\d+)/, 1],
  ['systemd', 'deploy/systemd/parley-worker@.service', /TimeoutStopSec=(\d+)/, 1],
  ['supervisor', 'deploy/supervisor/parley.conf', /stopwaitsecs=(\d+)/g, 2],
])('%s: %s', (_name, file, pattern, count) => {
  test('leaves time to drain and to let go', () => {
    const drain = Number(/PARLEY_DRAIN_SECONDS="?(\d+)/.exec(read(file))?.[1]);
    const waits = [...read(file).matchAll(new RegExp(pattern, 'g'))].map(([, seconds]) => Number(seconds));
    expect(waits).toHaveLength(count);
    for (const seconds of waits) expect(seconds).toBeGreaterThanOrEqual(drain + 12);
  });

  test('has no secret in it', () => {
    expect(read(file)).not.toMatch(/(MASTER_KEY|TOKEN|PASSWORD|_URL)\s*=/);
  });
});

describe('parley.sh', () => {
  const parley = async (...args: string[]) => {
    const { stdout } = await run('sh', [join(DEPLOY, 'systemd/parley.sh'), ...args], {
      env: { PATH: process.env.PATH, PARLEY_ETC: folder, PARLEY_HOME: folder, PARLEY_USER: 'root' },
    });
    return stdout.trim();
  };
  beforeAll(async () => {
    await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
    // Says how it was called, in the place of Node.
    const node = '#!/bin/sh\necho "$DATABASE_URL $PARLEY_CONFIG [$QUOTED] $*"\n';
    await writeFile(join(folder, 'node_modules/.bin/node'), node, { mode: 0o755 });
    await writeFile(join(folder, 'parley.env'), '# app\nDATABASE_URL=app?a=b&c\nQUOTED="a $b"\n');
    await writeFile(join(folder, 'owner.env'), 'DATABASE_URL=owner');
  });

  test('runs a command as the units do, with their variables', async () => {
    expect(await parley('why', 'a b')).toBe(
      `app?a=b&c ${folder}/parley.yaml [a $b] ${folder}/apps/hub/src/main.ts why a b`,
    );
  });

  test('what only the owner of the tables may do is done as the owner, a backup as its role where there is one', async () => {
    for (const command of ['migrate', 'restore', 'audit']) expect(await parley(command)).toMatch(/^owner /);
    expect(await parley('backup')).toMatch(/^app/);
    await writeFile(join(folder, 'backup.env'), 'DATABASE_URL=reader\n');
    expect(await parley('backup', 'list')).toMatch(/^reader .*backup list$/);
  });
});

describe.skipIf(supervisord.missing)(`supervisor ${supervisord.note}`, () => {
  test('runs two gateways and two workers', async () => {
    const file = join(folder, 'parley.conf');
    await cp(join(DEPLOY, 'supervisor/parley.conf'), file);
    const programs = read('deploy/supervisor/parley.conf')
      .replace(/^user=.*\n/gm, '')
      .replace(/^directory=.*$/gm, `directory=${folder}`)
      .replaceAll('/var/log/parley', folder)
      .replace(/^startsecs=.*$/gm, 'startsecs=0')
      // The programs themselves are tested elsewhere: here each only says how it was called.
      .replace(/^command=\S+ (.*)$/gm, `command=sh -c 'echo "$0 $PORT $PARLEY_WORKER_PORT"; sleep 1000' $1`);
    const socket = join(folder, 'supervisor.sock');
    const own = [
      `[supervisord]\nnodaemon=true\nlogfile=${folder}/supervisord.log\npidfile=${folder}/supervisord.pid`,
      `[unix_http_server]\nfile=${socket}`,
      `[supervisorctl]\nserverurl=unix://${socket}`,
      '[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface',
    ];
    await writeFile(file, `${own.join('\n')}\n${programs}`);
    const child = spawn(supervisord.path, ['-c', file], { stdio: 'ignore' });
    try {
      const control = join(supervisord.path, '..', 'supervisorctl');
      const status = () =>
        run(control, ['-c', file, 'status']).then(
          ({ stdout }) => stdout,
          ({ stdout }) => String(stdout),
        );
      await until('four processes', async () => (await status()).match(/RUNNING/g)?.length === 4, 30_000);
      const names = (await status()).split('\n').map((line) => line.split(/\s/)[0]);
      expect(names.filter(Boolean)).toEqual([
        'parley-gateway:parley-gateway-8080',
        'parley-gateway:parley-gateway-8081',
        'parley-worker:parley-worker-9464',
        'parley-worker:parley-worker-9465',
      ]);
    } finally {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
  });
});
