// Makes a fresh clone able to run, then runs one of the project's commands. Plain JavaScript for any Node ≥ 20, no
// dependencies: nothing is installed yet when it starts. Silent and fast when nothing is missing.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './console.mjs';
import { installPackages } from './packages.mjs';
import { offerPrograms, requirePrograms } from './programs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = join(root, 'node_modules', '.bin');
const hub = join(root, 'apps', 'hub', 'src', 'main.ts');
/** Where the hub keeps its compiled code (apps/hub/src/main.ts); told from here, Node has it from its first file on. */
const compiled = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'parley') };

/**
 * Each command: the programs it needs besides Node, those it can do without, whether it shows the console, and the steps
 * it runs one after another, and what they find in their environment.
 */
const COMMANDS = {
  start: {
    programs: process.env.REDIS_URL ? [] : ['redis-server'],
    console: 'wanted',
    env: compiled,
    steps: (rest) => [['node', hub, 'start', ...rest]],
  },
  parley: { programs: [], env: compiled, steps: (rest) => [['node', hub, ...rest]] },
  demo: {
    programs: ['redis-server'],
    steps: (rest) => [['node', join(root, 'test', 'demo', 'main.ts'), ...rest]],
  },
  drill: {
    programs: ['redis-server', 'postgres'],
    steps: (rest) => [['node', join(root, 'test', 'drill', 'main.ts'), ...rest]],
  },
  chaos: {
    programs: ['redis-server', 'postgres'],
    steps: (rest) => [['node', join(root, 'test', 'chaos', 'main.ts'), ...rest]],
  },
  bench: {
    programs: ['redis-server', 'postgres'],
    steps: (rest) => [['node', join(root, 'test', 'bench', 'main.ts'), ...rest]],
  },
  test: {
    programs: ['redis-server', 'postgres'],
    optional: [
      ...['nginx', 'prometheus', 'amtool', 'supervisord', 'systemd-analyze', 'kubectl', 'docker-compose'],
      ...['podman', 'runc'],
      'chromium',
    ],
    console: 'needed',
    steps: (rest) =>
      rest.length > 0
        ? [['vitest', 'run', ...rest]]
        : [
            ['biome', 'check', '.'],
            ['tsc', '-p', root],
            ['tsc', '-p', join(root, 'apps', 'console')],
            ['vitest', 'run'],
          ],
  },
};

async function main() {
  const [name, ...rest] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (!command) fail(`Unknown command ${name ?? '(none)'}; there are: ${Object.keys(COMMANDS).join(', ')}.`);
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(
      `Node ${process.versions.node} is too old: Node 20 or newer is needed to begin (the hub itself then runs on its own pinned Node).`,
    );
  }
  await installPackages(root);
  const extraPath = await requirePrograms(command.programs);
  offerPrograms(command.optional ?? []);
  if (command.console) prepareConsole(command.console);
  for (const [program, ...args] of command.steps(rest)) {
    const code = await run(join(bin, program), args, { ...command.env, ...process.env, PATH: pathWith(extraPath) });
    if (code !== 0) process.exit(code);
  }
}

/** A hub answers its bots without a console as well, and says so; tests look at it. */
function prepareConsole(need) {
  try {
    buildConsole(root);
  } catch (error) {
    if (need === 'needed') throw error;
    process.stderr.write(`${error.message}\nStarting without the console.\n`);
  }
}

/** Our Node comes first. */
const pathWith = (extraPath) => [bin, ...extraPath, process.env.PATH].join(delimiter);

/** Runs a program and hands signals on; resolves with its exit code. */
function run(program, args, env) {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', env });
  // A terminal's Ctrl-C reaches the child by itself (one process group). npm and a supervisor may both signal us: the
  // child must see one, because its second signal means "at once".
  let lastForwarded = 0;
  const forward = (signal) => {
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    if (Date.now() - lastForwarded < 1000) return;
    lastForwarded = Date.now();
    child.kill(signal);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, forward);
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`Cannot run ${program}: ${error.message}`));
    child.on('exit', (code, signal) => {
      for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.off(name, forward);
      resolve(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1));
    });
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

main().catch((error) => fail(error.message));
