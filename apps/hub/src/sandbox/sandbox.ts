import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ConfigSource } from '@parley/core/config';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { type Sandbox, type SandboxStatus, sandboxViewSchema } from '@parley/gateway';
import type { Logger } from 'pino';
import { z } from 'zod';
import { channelIdOf, type ExtraEntries, entriesFor, OWN_TENANT, tenantFor } from './entries.ts';
import type { SandboxProcess } from './process.ts';

export interface SandboxOptions {
  launch: () => Promise<SandboxProcess>;
  config: Pick<ConfigSource, 'current' | 'originOf' | 'setExtra'>;
  /** Where this hub takes webhooks. */
  hubUrl: () => string;
  logger: Logger;
  /** Times between the restarts of a child that ended by itself; one more end within `calmMs` and it stays off. */
  restartDelaysMs?: readonly number[];
  calmMs?: number;
}

export interface RunningSandbox extends Sandbox {
  /** To be called after each change of the configuration: the tenant may be another one now. */
  configChanged(): void;
}

const RESTART_DELAYS_MS = [500, 2_000, 10_000];
const CALM_MS = 10 * 60_000;
const sentSchema = z.object({ id: z.string() });

/** Keeps the simulated platforms running from `start` to `stop`, and their channels in the configuration meanwhile. */
export function createSandbox(options: SandboxOptions): RunningSandbox {
  const { launch, config, hubUrl, logger, restartDelaysMs = RESTART_DELAYS_MS, calmMs = CALM_MS } = options;
  /** Set from `start` to the end of everything that it began. */
  let running: { stop: AbortController; over: Promise<void> } | undefined;
  let process: SandboxProcess | undefined;
  let extra: ExtraEntries | undefined;
  let error: string | null = null;

  const tenant = () => tenantFor(config);

  async function place(entries: ExtraEntries | undefined): Promise<void> {
    if (isDeepStrictEqual(entries, extra)) return;
    // First, because the change of the configuration calls back.
    extra = entries;
    await config.setExtra(entries);
    const missing = entries?.channels?.find(({ id }) => config.originOf('channels', id) !== 'extra');
    if (missing) throw new ParleyError('invalid_config', `the configuration has a channel ${missing.id} of its own`);
  }

  /** From the child's start to its end. @throws whatever ended it, unless it was stopped */
  async function session(signal: AbortSignal): Promise<void> {
    const child = await launch();
    try {
      await place(entriesFor(child.platforms, tenant()));
      const urls = child.platforms.map(({ platform }) => [
        platform,
        `${hubUrl()}/webhooks/${platform}/${channelIdOf(platform)}`,
      ]);
      await child.send('connect', Object.fromEntries(urls));
      if (signal.aborted) return;
      process = child;
      error = null;
      logger.info({ tenant: tenant() ?? OWN_TENANT }, 'the sandbox is on');
      const reason = await Promise.race([child.ended, aborted(signal)]);
      if (reason !== undefined) throw new ParleyError('unavailable', reason);
    } finally {
      process = undefined;
      await place(undefined).catch((thrown) => logger.error({ err: thrown }, 'the channels of the sandbox stay'));
      await child.stop();
    }
  }

  async function keepUp(signal: AbortSignal): Promise<void> {
    let ends: number[] = [];
    while (!signal.aborted) {
      const failure = await session(signal).then(() => undefined, toParleyError);
      if (signal.aborted || !failure) return;
      error = failure.message;
      ends = ends.filter((at) => Date.now() - at < calmMs);
      const delayMs = restartDelaysMs[ends.length];
      ends.push(Date.now());
      // What the configuration refuses it refuses again.
      const isFinal = failure.code === 'invalid_config' || delayMs === undefined;
      logger.warn({ err: failure, restart_in_ms: isFinal ? undefined : delayMs }, 'the sandbox is down');
      if (isFinal) return;
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  function on(): SandboxProcess {
    if (process) return process;
    throw new ParleyError('conflict', running ? 'The sandbox is still starting' : 'The sandbox is off: start it first');
  }

  function status(): SandboxStatus {
    const channels = (process?.platforms ?? []).map(({ platform, chats, people }) => ({
      platform,
      channel: channelIdOf(platform),
      chats,
      people,
    }));
    const state = process ? 'on' : running ? 'starting' : 'off';
    return { state, tenant: process ? (tenant() ?? OWN_TENANT) : (tenant() ?? null), channels, error };
  }

  return {
    status,
    tenant,
    start() {
      if (running) return;
      error = null;
      const stop = new AbortController();
      const over = keepUp(stop.signal).finally(() => {
        running = undefined;
      });
      running = { stop, over };
    },
    async stop() {
      running?.stop.abort();
      await running?.over;
      error = null;
    },
    async view(platform, chat) {
      return sandboxViewSchema.parse(await on().send('view', platform, chat));
    },
    async say(platform, chat, input) {
      return sentSchema.parse(await on().send('say', platform, chat, input));
    },
    configChanged() {
      if (!process) return;
      const { platforms } = process;
      place(entriesFor(platforms, tenant())).catch((thrown) => {
        error = toParleyError(thrown).message;
        logger.error({ err: thrown }, 'the sandbox could not follow the configuration');
      });
    },
  };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
