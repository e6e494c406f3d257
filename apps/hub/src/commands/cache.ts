import { parseArgs } from 'node:util';
import { purgeAnswers } from '@parley/core/answer-cache';
import { misused, type RunCommand } from './index.ts';
import { withRedis } from './open.ts';

/** `parley cache purge`: a tenant's kept answers are forgotten by every process, within a few seconds. */
export const cache: RunCommand = async ({ args, env }) => {
  const tenant = readArguments(args);
  if (tenant === undefined) return misused('cache', env);
  await withRedis(env, (redis) => purgeAnswers(redis, tenant));
  process.stdout.write(`the answers kept for ${tenant} are forgotten\n`);
  return 0;
};

function readArguments(args: string[]): string | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { tenant: { type: 'string' } },
      allowPositionals: true,
    });
    return positionals.join(' ') === 'purge' && values.tenant !== '' ? values.tenant : undefined;
  } catch {
    return undefined; // an option that does not exist, or one without its value
  }
}
