import { createSlackAdapter } from '@chat-adapter/slack';
import { createRedisState } from '@chat-adapter/state-redis';
import { type Adapter, Chat, ConsoleLogger } from 'chat';
import { createClient, type RedisClientType } from 'redis';
import { SECRETS } from '../world/people.ts';
import { readInput, serve } from './input.ts';
import { askWithSdk } from './models.ts';
import { readBody } from './slack-ingress.ts';

/** Peer: Vercel's Chat SDK with its Slack adapter and its Redis state, as its guide shows it, behind node:http. */
const { modelUrl, platformUrl, redisSocket } = readInput();
const ask = askWithSdk(modelUrl);
const client: RedisClientType = createClient({ socket: { path: redisSocket, tls: false } });
await client.connect();
const logger = new ConsoleLogger('error');
const slack = createSlackAdapter({
  botToken: SECRETS.slackBot,
  signingSecret: SECRETS.slackSigning,
  apiUrl: `${platformUrl}/api/`,
  logger,
});
const chat = new Chat({
  userName: 'bench',
  // Its types do not hold under exactOptionalPropertyTypes.
  adapters: { slack: slack as unknown as Adapter },
  state: createRedisState({ client, logger }),
  logger,
});
chat.onDirectMessage(async (thread, message) => {
  await thread.post(await ask(message.text));
});
await chat.initialize();

serve(async (incoming, outgoing) => {
  const body = await readBody(incoming);
  const headers = incoming.headers as Record<string, string>;
  const request = new Request('http://localhost/slack/events', {
    method: 'POST',
    headers,
    body: body.toString('utf8'),
  });
  const response = await chat.webhooks.slack(request, { waitUntil: (work) => void work });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
});
