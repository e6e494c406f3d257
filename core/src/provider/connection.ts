import { ParleyError } from '../errors/index.ts';
import { INNER_ADDRESS } from '../network/index.ts';

const DNS = /^(ENOTFOUND|EAI_\w+)$/;
const TLS = /^(ERR_SSL_\w+|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|EPROTO)$/;

/** Connecting took too long. */
export function connectTimedOut(provider: string): ParleyError {
  return new ParleyError('model_timeout', `${provider}: connecting timed out`);
}

/**
 * A request that got no response: `model_overloaded` with the kind (DNS, TLS, refused, cut) in the message. Error codes
 * only: texts may hold URLs.
 */
export function unreachable(provider: string, error: unknown): ParleyError {
  const code = causeCode(error);
  return new ParleyError('model_overloaded', `${provider}: ${kindOf(code)} (${code ?? 'no code'})`);
}

/**
 * What is thrown while a body is read, outside the SDKs' own errors: a SyntaxError for a malformed chunk, undici's
 * TypeError('terminated') for a cut socket. The malformed text itself stays out: it is a piece of the answer.
 */
export function broken(provider: string, error: unknown): ParleyError {
  if (error instanceof SyntaxError) return new ParleyError('model_bad_response', `${provider}: a malformed chunk`);
  const what = causeCode(error) ?? (error instanceof Error ? error.name : typeof error);
  return new ParleyError('model_bad_response', `${provider}: the answer broke off (${what})`);
}

function kindOf(code: string | undefined): string {
  if (code === undefined) return 'no connection';
  if (DNS.test(code)) return 'the host name was not found';
  if (TLS.test(code)) return 'the TLS handshake failed';
  if (code === INNER_ADDRESS) return 'an address of the own network, which the console may not name';
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  return 'the connection was cut';
}

/** The system's or undici's code at the root: fetch wraps it in a TypeError, the SDKs wrap that once more. */
function causeCode(error: unknown): string | undefined {
  let code: string | undefined;
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string') code = current.code;
    // Node tries a name's addresses in turn and reports all failures together; they are of one kind.
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return code;
}
