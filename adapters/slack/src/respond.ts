import { ParleyError } from '@parley/core/errors';
import { WebAPIPlatformError } from '@slack/web-api';
import { readBody } from './body.ts';
import { CALL_TIMEOUT_MS, type SlackClient } from './client.ts';
import type { Content } from './content.ts';
import { fromStatus, fromTransport, toPlatformError } from './errors.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Answers a slash command by its response URL, for everybody in the chat to see. The URL is a secret of its own: errors
 * name neither it nor the underlying error, which may.
 *
 * @throws ParleyError `platform_*`; `platform_rejected` once the URL is used up (five answers, thirty minutes)
 */
export async function respond(
  client: SlackClient,
  responseUrl: string,
  content: Content,
  signal: AbortSignal | undefined,
): Promise<void> {
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const body = JSON.stringify({ ...content, response_type: 'in_channel', replace_original: false });
  let status: number;
  let retryAfter: string | null;
  let answer: string;
  try {
    const response = await client.fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    status = response.status;
    retryAfter = response.headers.get('retry-after');
    answer = Buffer.from(await readBody(response, MAX_ANSWER_BYTES)).toString('utf8');
  } catch (thrown) {
    const { code, message, outcomeUnknown } = fromTransport('response_url', thrown);
    throw new ParleyError(code, message, { outcomeUnknown });
  }
  if (status === 200) return;
  // A refusal is plain text such as `invalid_blocks` or `used_url`, or the Web API's JSON.
  const code = /^[a-z_]{1,60}$/.exec(answer.trim())?.[0] ?? /"error":\s*"([a-z_]{1,60})"/.exec(answer)?.[1];
  if (status >= 400 && status < 429 && code !== undefined) {
    throw toPlatformError('response_url', new WebAPIPlatformError({ ok: false, error: code }));
  }
  throw fromStatus('response_url', status, retryAfter);
}
