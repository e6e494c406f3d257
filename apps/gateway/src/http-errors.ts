import { type ErrorCode, type FieldIssue, toParleyError } from '@parley/core/errors';
import type { FastifyError } from 'fastify';

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  totp_required: 401,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  precondition_required: 428,
  payload_too_large: 413,
  rate_limited: 429,
  quota_exceeded: 429,
  budget_exceeded: 429,
  blocked: 403,
  unavailable: 503,
  no_model_available: 503,
};

/** HTTP status of an error code; what we did not foresee is a 500. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}

/** What a thrown value is over HTTP; `message` is internal where `status` is 500 or more. */
export interface HttpRefusal {
  status: number;
  code: ErrorCode;
  message: string;
  retryAfterMs?: number | undefined;
  fields?: readonly FieldIssue[] | undefined;
}

/**
 * A thrown value as HTTP: our own errors by their code; fastify's own (body too large, bad URL) by their status, and so
 * a body that broke off, for which fastify passes the socket's error on.
 */
export function toHttpRefusal(error: FastifyError): HttpRefusal {
  const isRequests = error.code?.startsWith('FST_') || error.code === 'ECONNRESET';
  if (typeof error.statusCode === 'number' && error.statusCode < 500 && isRequests) {
    const code = error.statusCode === 413 ? 'payload_too_large' : 'invalid_request';
    return { status: error.statusCode, code, message: error.message };
  }
  const { code, message, retryAfterMs, fields } = toParleyError(error);
  return { status: statusOf(code), code, message, retryAfterMs, fields };
}

/** The one shape of an error over HTTP. */
export function errorBody(code: string, message: string, requestId?: string, fields?: readonly FieldIssue[]) {
  return { error: { code, message, ...(requestId ? { request_id: requestId } : {}), ...(fields ? { fields } : {}) } };
}
