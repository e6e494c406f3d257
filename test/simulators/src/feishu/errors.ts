import { randomBytes } from 'node:crypto';
import type { SimResponse } from '../shared/index.ts';

/**
 * One of Feishu's numbered errors. Message texts and HTTP statuses are those of the API reference and of answers seen in the
 * wild: https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code and each method's own table.
 */
export class FeishuError extends Error {
  override readonly name = 'FeishuError';
  readonly code: number;
  readonly status: number;
  /** Goes into the answer's `error` object. */
  readonly details: Record<string, unknown>;

  constructor(code: number, message: string, options: { status?: number; details?: Record<string, unknown> } = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? 400;
    this.details = options.details ?? {};
  }
}

const MESSAGES: Readonly<Record<number, string>> = {
  2200: 'Internal Error',
  10002: 'Your request contains an invalid request parameter.',
  10003: 'invalid param',
  10014: 'app secret invalid',
  99991400: 'request trigger frequency limit',
  99991661: 'Missing access token for authorization. Please make a request with token attached.',
  99991663: 'Invalid access token for authorization. Please make a request with token attached.',
  99992402: 'field validation failed',
  200220: 'Failed to generate card content',
  200740: 'The card entity does not exist',
  200750: 'The card entity has expired',
  200770: 'UUID conflict',
  200850: 'Card streaming timeout',
  200860: 'Card content exceeds limit.',
  230001: 'Your request contains an invalid request parameter.',
  230002: 'The bot can not be outside the group.',
  230009: 'Message can only be recalled within one days.',
  230011: 'The message is recalled.',
  230019: 'The topic does NOT exist.',
  230020: 'This operation triggers the frequency limit.',
  230025: 'The length of the message content reaches its limit.',
  230026: 'No permission to recall this message.',
  230034: 'The receive_id is invalid.',
  230054: 'This operation is not supported for this message type.',
  230071: 'The operator is not the sender of the message.',
  230072: 'The message has reached the number of times it can be edited.',
  230099: 'Failed to create card content.',
  230110: 'Action unavailable as the message has been deleted.',
  231001: 'reaction type is invalid.',
  231003: 'The message is not found, maybe not exist or deleted.',
  231007: 'The operator has no permission to delete this reaction.',
  231010: 'The reaction does not belong to the message.',
  231011: 'The request has an invalid reaction_id.',
  234001: 'Invalid request param.',
  234003: 'File not in message.',
  300301: 'Duplicate element_id in card component.',
  300302: 'update_multi property is false',
  300303: 'Only schema 2.0 is supported',
  300305: 'ErrMsg: element exceeds the limit; ',
  300307: 'The card DSL is empty',
  300309: 'ErrMsg: streaming mode is closed; ',
  300310: 'Only update text',
  300317: 'ErrMsg: sequence number compare failed; ',
};

/** The platform's error of that number, with its usual text unless `message` is given. */
export function feishuError(code: number, message?: string): FeishuError {
  const status = code === 2200 ? 500 : 400;
  return new FeishuError(code, message ?? MESSAGES[code] ?? 'unknown error', { status });
}

/** 230001 with the detail Feishu appends to its text. */
export function invalidParameter(detail: string): FeishuError {
  return feishuError(230001, `Your request contains an invalid request parameter, ext=${detail}`);
}

/** What the gateway in front of every API answers when a field is missing or out of range. */
export function invalidField(field: string, description: string): FeishuError {
  const details = { field_violations: [{ field, description }] };
  return new FeishuError(99992402, 'field validation failed', { details });
}

/** The HTTP answer for an error, with the log id that every Feishu answer carries. */
export function errorResponse({ status, code, message, details }: FeishuError): SimResponse {
  const logId = `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}${randomBytes(9).toString('hex').toUpperCase()}`;
  return {
    status,
    headers: { 'x-tt-logid': logId },
    body: { code, msg: message, error: { ...details, log_id: logId } },
  };
}

/** The gateway's throttling answer. https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control */
export function throttled(retryAfterSeconds: number): SimResponse {
  const response = errorResponse(new FeishuError(99991400, MESSAGES[99991400] ?? '', { status: 429 }));
  const headers = { 'x-ogw-ratelimit-limit': '100', 'x-ogw-ratelimit-reset': String(retryAfterSeconds) };
  return { ...response, headers: { ...response.headers, ...headers } };
}

export function success(data: Record<string, unknown>): SimResponse {
  return { body: { code: 0, msg: 'success', data } };
}
