import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { ParleyError } from '../errors/index.ts';
import { broken, connectTimedOut, unreachable } from './connection.ts';
import { refused } from './failure.ts';

/** Whatever the openai SDK (or the watchdog around it) throws, as one of the `model_*` errors. */
export function fromOpenAiError(provider: string, error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  if (error instanceof APIUserAbortError) return new ParleyError('model_aborted', 'the request was aborted');
  // Before its base class.
  if (error instanceof APIConnectionTimeoutError) return connectTimedOut(provider);
  if (error instanceof APIConnectionError) return unreachable(provider, error);
  if (error instanceof APIError) {
    return refused({
      provider,
      status: error.status,
      names: [...namesOf(error.code), ...namesOf(error.type)],
      text: error.message,
      headers: error.headers,
      requestId: error.requestID,
    });
  }
  return broken(provider, error);
}

/** GLM sends its numeric codes as numbers in places, whatever the SDK's types say. */
function namesOf(value: unknown): string[] {
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
}
