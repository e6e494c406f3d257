import type { Environment } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { armCrashPoint } from '@parley/core/telemetry';
import { COMMANDS, type Command, misused, usage, usageOf } from './commands/index.ts';

/** Does what the words ask for, and tells what went wrong; resolves with the exit code. */
export async function runCommandLine(words: readonly string[], env: Environment): Promise<number> {
  try {
    return await run(words, env);
  } catch (error) {
    // What an operator can put right is told in a sentence; everything else is a bug and shows where it is.
    const known = error instanceof ParleyError && error.code !== 'internal';
    process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

async function run([name = '', ...rest]: readonly string[], env: Environment): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const isAsked = ['', 'help', '--help', '-h'].includes(name);
    (isAsked ? process.stdout : process.stderr).write(usage(env));
    return isAsked ? 0 : 2;
  }
  // Before anything is loaded: whoever asks what `migrate` does has not asked for it.
  if (rest.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(usageOf(command, env));
    return 0;
  }
  if (rest.length > 0 && takesNothing(name, command)) return misused(name, env);
  armCrashPoint(env.PARLEY_TEST_CRASH_AT);
  const begin = await command.load();
  return begin({ args: rest, env });
}

const takesNothing = (name: string, { usage: [way] }: Command) => way === `parley ${name}`;
