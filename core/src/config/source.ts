import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { ParleyError } from '../errors/index.ts';
import type { Environment } from './interpolate.ts';
import { type ConfigIssue, describeIssues, formatPath } from './issues.ts';
import { type ConfigLayer, type LeftOut, layConfig, type OriginOf } from './layers.ts';
import { type LoadedConfig, loadChanged, loadConfig } from './load.ts';
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
  /** What people changed in the console, as of the start. */
  console?: ConfigLayer | undefined;
  debounceMs?: number;
  pollMs?: number;
}

/** The configuration that is in force, kept up to date with its file and with what is laid over it. */
export interface ConfigSource {
  readonly current: Config;
  /** What file or environment alone say. */
  readonly base: Config;
  readonly originOf: OriginOf;
  /** Entries of the console that do not fit any more, since the file changed. */
  readonly leftOut: readonly LeftOut[];
  /** What the console lays over it, as it is in force. */
  readonly consoleLayer: ConfigLayer;
  /** Takes over what people changed in the console; resolves when it is applied in this process. */
  setConsole(layer: ConfigLayer | undefined): Promise<void>;
  /** Adds entries that exist only while this process wants them. */
  setExtra(layer: ConfigLayer | undefined): Promise<void>;
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

  let base = first.result.config;
  const layers: { console?: ConfigLayer | undefined; extra?: ConfigLayer | undefined } = { console: options.console };
  let laid = lay();
  let seen = first.text;
  let lastError: ConfigError | undefined;
  /** Changes are applied one after the other, whoever brought them. */
  let applying: Promise<void> = Promise.resolve();

  function lay() {
    const result = layConfig({ base, source: first.source, ...layers });
    // Entries of the layers are left out one by one, and the base is valid by itself.
    if (!result.ok) {
      throw new ParleyError(
        'internal',
        result.issues.map((one) => `${formatPath(one.path)}: ${one.message}`).join('\n'),
      );
    }
    for (const { path, message } of result.leftOut) {
      logger.warn({ path }, `an entry of the console is left out: ${message}`);
    }
    return result;
  }

  async function look(): Promise<void> {
    // An unreadable file is reported once, not at every beat.
    const loaded = await loadChanged(file, env, seen);
    if (!loaded) return;
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
    await inTurn(() => {
      base = config;
    });
  }

  /** Changes what is laid and brings it into force, after whatever change is under way. */
  function inTurn(change: () => void): Promise<void> {
    const applied = applying.then(async () => {
      change();
      const previous = laid.config;
      laid = lay();
      if (isDeepStrictEqual(laid.config, previous)) return;
      logger.info('the new configuration is in force');
      try {
        await options.onChange(laid.config, previous);
      } catch (error) {
        logger.error({ err: error }, 'applying the new configuration failed');
      }
    });
    // One that cannot be laid must not hold up all that come after it.
    applying = applied.catch(() => undefined);
    return applied;
  }

  const { debounceMs = 200, pollMs = 5000 } = options;
  const watcher = file === undefined ? undefined : watchFile(file, look, { logger, debounceMs, pollMs });
  return {
    get current() {
      return laid.config;
    },
    get base() {
      return base;
    },
    originOf: (kind, id) => laid.originOf(kind, id),
    get leftOut() {
      return laid.leftOut;
    },
    get consoleLayer() {
      return layers.console ?? {};
    },
    setConsole: (layer) =>
      inTurn(() => {
        layers.console = layer;
      }),
    setExtra: (layer) =>
      inTurn(() => {
        layers.extra = layer;
      }),
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
