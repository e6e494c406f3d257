import { setTimeout as sleep } from 'node:timers/promises';
import { createChannelSet } from '@parley/adapter-registry';
import { connectRedis, everyMaster, untilUsable } from '@parley/core/bus';
import { type Config, loadConfig, loadSettings, type ModelConfig, type Settings } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { askOnce, createProviders } from '@parley/core/provider';
import { assertSchema, openStore } from '@parley/core/store';
import { createLogger } from '@parley/core/telemetry';
import type { RunCommand } from './index.ts';

/** One thing that is looked at; resolves with what to say about it, rejects with what is wrong. */
interface Examination {
  name: string;
  examine: () => Promise<string>;
}

/** Whatever takes longer is not healthy. */
const TIMEOUT_MS = 20_000;
const REDIS_WAIT_MS = 10_000;

export const doctor: RunCommand = async ({ env }) => {
  const settings = loadSettings(env, 'command');
  const { result } = await loadConfig(settings.configFile, env);
  if (!result.ok) throw new ParleyError('invalid_config', `The configuration is not valid; see: parley check`);
  const results = await Promise.all(
    [...services(settings), ...(await bots(result.config)), ...models(result.config)].map(report),
  );
  return results.every(Boolean) ? 0 : 1;
};

async function report({ name, examine }: Examination): Promise<boolean> {
  try {
    const detail = await Promise.race([
      examine(),
      sleep(TIMEOUT_MS).then(() => Promise.reject(new Error('no answer in time'))),
    ]);
    process.stdout.write(`ok    ${name}: ${detail}\n`);
    return true;
  } catch (error) {
    process.stdout.write(`FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

function services({ redisUrl, databaseUrl }: Settings): Examination[] {
  return [
    {
      name: 'redis',
      async examine() {
        if (!redisUrl) return 'embedded, run by `start`';
        const redis = connectRedis(redisUrl, 'work', createLogger('silent'));
        let reason = '';
        redis.on('error', (error: Error) => {
          reason = reasonOf(error);
        });
        try {
          await untilUsable(redis, REDIS_WAIT_MS);
          if (redis.status !== 'ready') throw new Error(`cannot be reached${reason && ` (${reason})`}`);
          return (await everyMaster(redis, (server) => server.info())).map(judgeRedis).join('; ');
        } finally {
          redis.disconnect();
        }
      },
    },
    {
      name: 'postgres',
      async examine() {
        if (!databaseUrl) return 'embedded, run by `start`';
        const store = await openStore({ databaseUrl });
        await store
          .ping()
          .then(() => assertSchema(store))
          .finally(() => store.close());
        return 'reachable, schema up to date';
      },
    },
  ];
}

/** A code such as ECONNREFUSED, of a certificate that nobody vouches for, or the server's own WRONGPASS; nothing more is shown. */
function reasonOf(error: Error & { code?: string; lastNodeError?: Error }): string {
  const { code, message, lastNodeError } = error;
  return code ?? (lastNodeError ? reasonOf(lastNodeError) : (/^[A-Z]+\b/.exec(message)?.[0] ?? ''));
}

/** What `INFO` of a server says that keeps messages, and who has copies of it. */
function judgeRedis(info: string): string {
  const read = (name: string) => new RegExp(`${name}:(\\S+)`).exec(info)?.[1];
  const policy = read('maxmemory_policy');
  if (policy !== 'noeviction')
    throw new Error(`maxmemory-policy is ${policy}: waiting messages could be evicted, set noeviction`);
  const file = read('aof_enabled') === '1' ? 'append-only file' : 'NO append-only file';
  return `reachable, noeviction, ${file}, ${read('connected_slaves') ?? 0} replicas`;
}

async function bots(config: Config): Promise<Examination[]> {
  const nothing = { get: async () => undefined, set: async () => {} };
  const channels = createChannelSet({
    depsFor: () => ({ logger: createLogger('silent'), cache: nothing, now: Date.now }),
  });
  await channels.apply(config);
  return channels.list().map(({ config: { id, platform }, adapter }) => ({
    name: `channel ${id} (${platform})`,
    async examine() {
      const { identity, hints } = await adapter.probe();
      return [identity, ...hints.map((hint) => `\n        - ${hint}`)].join('');
    },
  }));
}

/** Every endpoint of every model with its first key: a question that costs a handful of tokens. */
function models(config: Config): Examination[] {
  const providers = createProviders();
  return config.models.flatMap((model) => {
    const endpoints = model.endpoints.length > 0 ? model.endpoints : [undefined];
    return endpoints.map((endpoint) => ({
      name: `model ${model.id}${endpoint ? ` at ${new URL(endpoint.base_url).host}` : ''}`,
      examine: () => answerTime(providers, model, endpoint?.base_url),
    }));
  });
}

async function answerTime(
  providers: ReturnType<typeof createProviders>,
  model: ModelConfig,
  baseUrl: string | undefined,
): Promise<string> {
  const began = performance.now();
  await askOnce(providers, model, 'ping', AbortSignal.timeout(TIMEOUT_MS), { baseUrl, maxOutputTokens: 16 });
  return `answered in ${Math.round(performance.now() - began)} ms`;
}
