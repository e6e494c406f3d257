import type { AdapterDeps } from '@parley/core/adapter';
import { LogLevel, type Logger as SdkLogger } from '@slack/web-api';

/**
 * Takes the SDK's own log lines into the hub's log, one level down: what matters reaches the caller as an error anyway.
 * Its debug lines hold whole payloads, so they are dropped, and anything that looks like a token or a socket ticket is
 * blanked in the rest.
 */
export function makeSdkLogger(logger: AdapterDeps['logger']): SdkLogger {
  const line = (parts: unknown[]) =>
    parts
      .map(String)
      .join(' ')
      .replace(/\b(?:xox[a-z]|xapp)-[\w-]+|wss?:\/\/\S+/g, '***')
      .slice(0, 500);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts: unknown[]) => logger.debug({ sdk: 'slack' }, line(parts)),
    error: (...parts: unknown[]) => logger.warn({ sdk: 'slack' }, line(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
