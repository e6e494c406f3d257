import { createHmac } from 'node:crypto';

/**
 * The headers that prove a request is Slack's: https://docs.slack.dev/authentication/verifying-requests-from-slack
 * `timestamp` is in seconds; `body` the exact text sent.
 */
export function signatureHeaders(
  signingSecret: string,
  body: string,
  timestamp: number = Math.floor(Date.now() / 1000),
): Record<string, string> {
  const digest = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${digest}` };
}
