import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteInput } from './route.ts';

const ANSWER =
  'Sure. **Parley** answers on every platform with one configuration:\n\n- it asks the first model,\n- then the next, should that fail,\n- and tells you why in the timeline.';

/** An answer in pieces, as the playground gets it. */
export async function streamAnswer({ response, body }: RouteInput): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const write = (event: string, data: unknown) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (String(body.messages?.at(-1)?.content).includes('fail')) {
    write('error', { error: { code: 'no_model_available', message: 'Every model of the chain failed' } });
    return void response.end();
  }
  for (const text of ANSWER.match(/.{1,6}/gs) ?? []) {
    write('delta', { text });
    await sleep(15);
  }
  write('done', {
    turn: 'trn_playground',
    model: body.model ?? 'gpt-4o',
    usage: { tokens_in: 31, tokens_out: 44 },
    cost_usd: 0.0005,
    attempts: 1,
    timeline: [
      { at_ms: 0, what: 'received' },
      { at_ms: 1, what: 'quota', detail: { admitted: true } },
      {
        at_ms: 402,
        what: 'model_attempt',
        detail: { model: body.model ?? 'gpt-4o', status: 'success', firstTokenMs: 402, durationMs: 900 },
      },
      { at_ms: 905, what: 'decided', detail: { by: 'model', status: 'success' } },
    ],
  });
  response.end();
}

/** Live events: now and then something happens. */
export async function streamEvents({ request, response }: RouteInput): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': hello\n\n');
  const timer = setInterval(() => response.write('event: turn\ndata: {"status":"success"}\n\n'), 20_000);
  request.once('close', () => clearInterval(timer));
  response.once('close', () => clearInterval(timer));
}
