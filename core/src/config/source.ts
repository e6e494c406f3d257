import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { ParleyError } from '../errors/index.ts';
import type { Environment } from './interpolate.ts';
import { type ConfigIssue, describeIssues } from './issues.ts';
import { type LoadedConfig, loadConfig } from './load.ts';
import type { Config } from './schema.ts';
import type { Settings } from './settings.ts';
import { watchFile } from './watch.ts';

export interface ConfigSourceOptions {
  settings: Pick<Settings, 'configFile'>;
  env: Environment;
  logger: Logger;
  /**
   * Called after `current` has become `config`; not called when the meaning stayed the same. The next change waits for
   * it. What it throws is logged.
   */
  onChange: (config: Config, previous: Config) => void | Promise<void>;
  /** Called when a new version is refused. */
  onRefused?: (issues: ConfigIssue[]) => void;
  debounceMs?: number;
  pollMs?: number;
}

/** The configuration that is in force, kept up to date with its file. */
export interface ConfigSource {
  readonly current: Config;
  readonly source: 'file' | 'environment';
  /** Set while the file holds a version that was refused; `current` is then the last good one. */
  readonly lastError: ConfigError | undefined;
  close(): Promise<void>;
}

export interface ConfigError {
  /** Unix milliseconds. */
  at: number;
  issues: ConfigIssue[];
}

/** Loads the configuration and starts to watch its file. Throws `invalid_config` with all mistakes when it is bad. */
export async function createConfigSource(options: ConfigSourceOptions): Promise<ConfigSource> {
  const { env, logger } = options;
  const file = options.settings.configFile;
  const first = await loadConfig(file, env);
  if (!first.result.ok) throw new ParleyError('invalid_config', describeIssues(first.result.issues));
  tellIgnored(first, logger);

  let current = first.result.config;
  let seen = first.text;
  let lastError: ConfigError | undefined;

  async function look(): Promise<void> {
    const loaded = await loadConfig(file, env);
    // An unreadable file is reported once, not at every beat.
    if (loaded.text === seen) return;
    seen = loaded.text;
    if (!loaded.result.ok) return refuse(loaded.result.issues);
    await accept(loaded.result.config);
  }

  function refuse(issues: ConfigIssue[]): void {
    lastError = { at: Date.now(), issues };
    options.onRefused?.(issues);
    logger.error({ issues }, `the new configuration is refused, the old one stays:\n${describeIssues(issues)}`);
  }

  async function accept(config: Config): Promise<void> {
    lastError = undefined;
    if (isDeepStrictEqual(config, current)) return;
    const previous = current;
    current = config;
    logger.info('the new configuration is in force');
    try {
      await options.onChange(config, previous);
    } catch (error) {
      logger.error({ err: error }, 'applying the new configuration failed');
    }
  }

  const { debounceMs = 200, pollMs = 5000 } = options;
  const watcher = file === undefined ? undefined : watchFile(file, look, { logger, debounceMs, pollMs });
  return {
    get current() {
      return current;
    },
    get lastError() {
      return lastError;
    },
    source: first.source,
    close: async () => watcher?.close(),
  };
}

function tellIgnored(loaded: LoadedConfig, logger: Logger): void {
  if (loaded.ignored.length === 0) return;
  logger.warn({ variables: loaded.ignored }, 'the configuration file wins: these variables have no effect');
}
