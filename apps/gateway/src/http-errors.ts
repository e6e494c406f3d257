import type { ErrorCode } from '@parley/core/errors';

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  payload_too_large: 413,
  unavailable: 503,
  no_model_available: 503,
};

/** HTTP status of an error code; what we did not foresee is a 500. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}

/** The one shape of an error over HTTP. */
export function errorBody(code: string, message: string, requestId?: string) {
  return { error: { code, message, ...(requestId ? { request_id: requestId } : {}) } };
}
