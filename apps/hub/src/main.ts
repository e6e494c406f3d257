import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/core/errors';
import { armCrashPoint } from '@parley/core/telemetry';
import { COMMANDS, type Command, misused, usage, usageOf } from './commands/index.ts';
import { hastenLoading } from './loading.ts';

// Compiled code and stripped types are kept beside the packages, so that the next start is faster; where that folder
// cannot be written nothing happens. Flushed by a timer, too: a process that is killed writes nothing.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/parley', import.meta.url)));
setTimeout(flushCompileCache, 5_000).unref();
hastenLoading();

/** The only place that reads the process's environment and arguments. */
async function main(): Promise<number> {
  const [name = '', ...rest] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const isAsked = ['', 'help', '--help', '-h'].includes(name);
    (isAsked ? process.stdout : process.stderr).write(usage(process.env));
    return isAsked ? 0 : 2;
  }
  // Before anything is loaded: whoever asks what `migrate` does has not asked for it.
  if (rest.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(usageOf(command, process.env));
    return 0;
  }
  if (rest.length > 0 && takesNothing(name, command)) return misused(name, process.env);
  armCrashPoint(process.env.PARLEY_TEST_CRASH_AT);
  const run = await command.load();
  return run({ args: rest, env: process.env });
}

const takesNothing = (name: string, { usage: [way] }: Command) => way === `parley ${name}`;

try {
  process.exitCode = await main();
} catch (error) {
  // What an operator can put right is told in a sentence; everything else is a bug and shows where it is.
  const known = error instanceof ParleyError && error.code !== 'internal';
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
// Whatever still holds the loop open (a pooled socket, a timer of an SDK) must not keep a finished command alive.
process.exit();
