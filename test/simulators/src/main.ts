import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startFeishuSimulator } from './feishu/index.ts';
import type { ChatChange, ObservableSimulator } from './shared/index.ts';
import { startSlackSimulator } from './slack/index.ts';
import { startTelegramSimulator } from './telegram/index.ts';
import type { SimulatorOptions } from './types.ts';

/** Every platform that can be played from the command line. */
const starters: Record<string, (options: SimulatorOptions & { strangers?: boolean }) => Promise<ObservableSimulator>> =
  {
    feishu: startFeishuSimulator,
    slack: startSlackSimulator,
    telegram: startTelegramSimulator,
  };

const USAGE = `Usage: node test/simulators/src/main.ts PLATFORM [options]

Plays ${Object.keys(starters).join(' or ')} on this machine. Every line you type is said by alice; what happens in the chat is printed.

  --webhook URL   where the hub takes this channel's events (without it they wait for a socket or for polling)
  --port N        port of the platform's API (default: a free one, printed at the start)
  --chat NAME     the chat to talk in (default: lobby)
  --group         the chat is a group; a line that starts with @ mentions the bot
  --rate-limits   enforce the platform's published rate limits
  --strangers     Slack alone: the bot may write to anybody, as under load of deploy/load
  --speedup N     divide the waiting times between redeliveries (default 1)
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      webhook: { type: 'string' },
      port: { type: 'string', default: '0' },
      chat: { type: 'string', default: 'lobby' },
      group: { type: 'boolean', default: false },
      'rate-limits': { type: 'boolean', default: false },
      strangers: { type: 'boolean', default: false },
      speedup: { type: 'string', default: '1' },
    },
  });
  const start = starters[positionals[0] ?? ''];
  if (start === undefined) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }

  const { port, speedup, strangers, 'rate-limits': rateLimits } = values;
  const simulator = await start({ port: Number(port), speedup: Number(speedup), rateLimits, strangers });
  print(`${simulator.platform} API at ${simulator.url}`);
  for (const [name, value] of Object.entries(simulator.credentials)) print(`  ${name}: ${value}`);
  simulator.onChange((change) => print(describe(change)));
  if (values.webhook !== undefined) simulator.setWebhook(values.webhook);

  const lines = createInterface({ input: process.stdin });
  process.once('SIGINT', () => lines.close());
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const mentionBot = values.group && line.startsWith('@');
    const text = mentionBot ? line.slice(1).trim() : line;
    await simulator.say({ chat: values.chat, kind: values.group ? 'group' : 'direct', text, mentionBot });
  }
  await simulator.close();
}

function describe({ kind, message }: ChatChange): string {
  const mark = { added: '', edited: ' (edited)', removed: ' (deleted)' }[kind];
  const thread = message.thread === undefined ? '' : ` [${message.thread}]`;
  const who = message.author === 'bot' ? 'bot' : message.authorId;
  return `${message.chat}${thread} ${who}${mark}: ${message.text}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
