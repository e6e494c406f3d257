import { type Logger, pino, stdSerializers } from 'pino';
import { gatherLines } from './gathered-lines.ts';

/** Names under which a secret could slip into a log line: their values are replaced wherever they stand in the top three levels. */
const SECRET_KEYS = new Set([
  'authorization',
  'credentials',
  'bot_token',
  'app_token',
  'signing_secret',
  'app_secret',
  'encrypt_key',
  'verification_token',
  'webhook_secret',
  'apiKey',
  'api_key',
  'key',
  'keys',
  'token',
  'password',
  'response_url',
]);
const LEVELS = 3;
/** What waits for a reader of the log that is stuck; lines beyond it are dropped. */
const MAX_UNWRITTEN_BYTES = 16 * 1024 * 1024;
const CENSORED = '***';

/** The hub's logger: JSON lines on stdout, ISO time, secrets redacted by key name as a last line of defence. */
export function createLogger(level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Fields) => withoutSecrets(fields, LEVELS),
    },
    // Also what a child logger adds to all its lines, which no formatter sees.
    redact: { paths: [...SECRET_KEYS], censor: CENSORED },
    serializers: { err: describeError },
  };
  // Written while other work goes on, and what is left when the process ends; only kill -9 costs the last few lines.
  return pino(options, destination ?? gatherLines(pino.destination({ sync: false, maxLength: MAX_UNWRITTEN_BYTES })));
}

type Fields = Record<string, unknown>;

/**
 * The same fields, or a copy in which secrets are replaced. Pino's own `redact` with wildcards takes every value of every
 * line apart; a line that holds none of these names, as nearly all do, is looked through once here and stays as it is.
 */
function withoutSecrets(fields: Fields, levels: number): Fields {
  let changed: Fields | undefined;
  for (const [name, value] of Object.entries(fields)) {
    const clean = cleanValue(name, value, levels);
    if (clean === value) continue;
    changed ??= { ...fields };
    changed[name] = clean;
  }
  return changed ?? fields;
}

function cleanValue(name: string, value: unknown, levels: number): unknown {
  if (value === undefined) return value;
  if (SECRET_KEYS.has(name)) return CENSORED;
  if (levels === 1 || typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (!Array.isArray(value)) return withoutSecrets(value as Fields, levels - 1);
  const clean = value.map((item) => cleanValue('', item, levels - 1));
  return clean.some((item, i) => item !== value[i]) ? clean : value;
}

/**
 * An error without the properties that libraries hang on theirs: ioredis adds the refused command with all its
 * arguments, HTTP clients the request, and with them come people's words and tokens.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack, ...('code' in error && { code: String(error.code) }) };
}
