// Load on the webhooks of a hub, signed as the platform would:
//   SLACK_SIGNING_SECRET=… node deploy/load/webhooks.mjs --url https://bots.example.com --platform slack --channel acme-slack
//   --duration SECONDS (30)  --connections N (20)  --rate REQUESTS-A-SECOND (as many as it takes)  --text QUESTION
// Use it against a hub of your own whose bots talk to nobody, or to simulators: every request is answered as if a person
// had asked, with a model and at the model's price. Prints one line of JSON; exits with 1 if a request was refused.
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { createEvents } from './events.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    platform: { type: 'string', default: 'slack' },
    channel: { type: 'string' },
    duration: { type: 'string', default: '30' },
    connections: { type: 'string', default: '20' },
    rate: { type: 'string' },
    text: { type: 'string', default: 'How are you, number' },
  },
});
const { url, platform, channel = platform, text } = values;

let nextEvent;
try {
  nextEvent = createEvents(platform, process.env, text);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}

const result = await autocannon({
  url: `${url}/webhooks/${platform}/${channel}`,
  connections: Number(values.connections),
  duration: Number(values.duration),
  ...(values.rate ? { overallRate: Number(values.rate) } : {}),
  requests: [
    {
      method: 'POST',
      setupRequest(request) {
        const { headers, body } = nextEvent();
        return { ...request, headers: { 'content-type': 'application/json', ...headers }, body };
      },
    },
  ],
});

const { requests, latency, errors, timeouts, non2xx } = result;
const line = {
  platform,
  answered: result['2xx'],
  refused: non2xx,
  errors,
  timeouts,
  per_second: requests.average,
  latency_ms: { p50: latency.p50, p90: latency.p90, p99: latency.p99, max: latency.max },
};
process.stdout.write(`${JSON.stringify(line)}\n`);
process.exit(non2xx + errors + timeouts > 0 || result['2xx'] === 0 ? 1 : 0);
