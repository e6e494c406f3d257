import { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import { readInput, serve } from './input.ts';
import { readBody } from './slack-ingress.ts';

/** Floor of the chat API: passes a request on and its answer back, with one look at a limit and one line in a ledger. */
const { redisSocket, modelUrl } = readInput();
const redis = new Redis({ path: redisSocket, enableAutoPipelining: true });
const dispatcher = new Agent({ connections: 256 });
const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-stub' };

serve(async (incoming, outgoing) => {
  const body = await readBody(incoming);
  await redis.incr('limit');
  const answer = await request(`${modelUrl}/chat/completions`, { method: 'POST', headers, body, dispatcher });
  outgoing.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) });
  for await (const chunk of answer.body) outgoing.write(chunk);
  await redis.xadd('ledger', '*', 'tokens', '1');
  outgoing.end();
});
