import type { PlatformSimulator, SayInput } from '@parley/simulators';
import { type SimRequest, startServer } from '@parley/simulators/shared';
import { until } from '../../support/index.ts';

/** A request as it goes over the wire, so that a test can send it again, changed or not. */
export interface WebhookCall {
  headers: Record<string, string>;
  body: string;
}

/**
 * Lets a person say something and keeps the platform's own delivery of it from the hub. The platform has no webhook
 * afterwards.
 */
export async function capture(platform: PlatformSimulator, input: SayInput): Promise<WebhookCall> {
  const arrived = Promise.withResolvers<SimRequest>();
  const server = await startServer({
    handle: async (request) => {
      arrived.resolve(request);
      return {};
    },
  });
  platform.setWebhook(server.url);
  await platform.say(input);
  const { headers, body } = await arrived.promise;
  // Not before the platform has its answer: an event that it believes lost is delivered again, to whoever comes next.
  await until('the captured delivery', () => platform.deliveries.at(-1)?.status === 200);
  platform.setWebhook(undefined);
  await server.close();
  // What belongs to the connection is left behind; `fetch` writes its own.
  const ours = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('x-'));
  return { headers: Object.fromEntries(ours.map(([name, value]) => [name, String(value)])), body: body.toString() };
}

export async function send(url: string, { headers, body }: WebhookCall): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body });
}
