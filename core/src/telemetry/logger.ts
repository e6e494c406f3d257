import { type Logger, pino, stdSerializers } from 'pino';

/** Names under which a secret could slip into a log line; pino replaces their values wherever they stand in the top three levels. */
const SECRET_KEYS = [
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
];

/** The hub's logger: JSON lines on stdout, ISO time, secrets redacted by key name as a last line of defence. */
export function createLogger(level: string, destination?: { write(line: string): void }): Logger {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*["${key}"]`]);
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths, censor: '***' },
    serializers: { err: describeError },
  };
  return destination ? pino(options, destination) : pino(options);
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
