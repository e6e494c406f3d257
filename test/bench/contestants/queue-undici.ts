import { Agent, request } from 'undici';
import { SECRETS } from '../world/people.ts';
import { runQueue } from './queue.ts';

/** The pipeline with the leanest HTTP client there is: nothing is typed, nothing is checked. */
runQueue('undici', ({ modelUrl, platformUrl }) => {
  const dispatcher = new Agent({ connections: 64 });
  const post = async (url: string, token: string, body: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await request(url, { method: 'POST', headers, body: JSON.stringify(body), dispatcher });
    return answer.body.text();
  };
  return async ({ channel, text }) => {
    const messages = [{ role: 'user', content: text }];
    const options = { stream: true, stream_options: { include_usage: true } };
    const events = await post(`${modelUrl}/chat/completions`, 'sk-stub', { model: 'stub', messages, ...options });
    await post(`${platformUrl}/api/chat.postMessage`, SECRETS.slackBot, { channel, text: textOf(events) });
  };
});

function textOf(events: string): string {
  let text = '';
  for (const line of events.split('\n')) {
    if (line.startsWith('data: {')) text += JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '';
  }
  return text;
}
