import type { ErrorAnswer, ErrorName } from './server.ts';

/** Error bodies as api.openai.com sends them. */
export function errorOf(name: ErrorName, detail = ''): ErrorAnswer {
  const [status, type, code, message] = ERRORS[name];
  return { status, error: { error: { message: message + detail, type, param: null, code } } };
}

const ERRORS: Record<ErrorName, [status: number, type: string, code: string | null, message: string]> = {
  rate_limit: [429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests. Please try again later.'],
  overloaded: [503, 'service_unavailable', null, 'The engine is currently overloaded, please try again later.'],
  out_of_money: [
    429,
    'insufficient_quota',
    'insufficient_quota',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  unauthorized: [401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-***.'],
  context_length: [
    400,
    'invalid_request_error',
    'context_length_exceeded',
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens.",
  ],
  content_filter: [
    400,
    'invalid_request_error',
    'content_filter',
    "The response was filtered due to the prompt triggering the service's content management policy.",
  ],
  not_found: [404, 'invalid_request_error', 'model_not_found', 'The model or path does not exist. '],
  invalid_request: [400, 'invalid_request_error', null, ''],
  server_error: [500, 'unexpected', null, 'Something went wrong on our side.'],
};
