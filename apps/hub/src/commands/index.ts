import type { Environment } from '@parley/core/config';
import { check } from './check.ts';
import { deadLetters } from './dead-letters.ts';
import { doctor } from './doctor.ts';
import { migrate } from './migrate.ts';
import { gateway, start, worker } from './run.ts';
import { secrets } from './secrets.ts';

export interface CommandInput {
  args: string[];
  env: Environment;
}

export interface Command {
  summary: { en: string; zh: string };
  /** Resolves with the exit code. */
  run(input: CommandInput): Promise<number>;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  start,
  gateway,
  worker,
  migrate,
  check,
  doctor,
  secrets,
  'dead-letters': deadLetters,
};

/** The list of commands, in the language of the terminal. */
export function usage(env: Environment): string {
  const zh = isChinese(env);
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(12)} ${zh ? summary.zh : summary.en}`,
  );
  return `${zh ? '用法' : 'Usage'}: parley COMMAND\n\n${lines.join('\n')}\n`;
}

/** Whether the terminal speaks Chinese (POSIX locale variables, in their order of precedence). */
export function isChinese(env: Environment): boolean {
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').toLowerCase().startsWith('zh');
}
