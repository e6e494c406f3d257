import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { SECRETS } from '../world/people.ts';
import { readInput } from './input.ts';
import { askWithSdk } from './models.ts';

/** Peer: Slack's own framework, as its guide shows it. In process: a restart forgets what was acknowledged. */
const { App, LogLevel } = createRequire(import.meta.url)('@slack/bolt') as typeof import('@slack/bolt');
const { modelUrl, platformUrl } = readInput();
const ask = askWithSdk(modelUrl);
const app = new App({
  token: SECRETS.slackBot,
  signingSecret: SECRETS.slackSigning,
  clientOptions: { slackApiUrl: `${platformUrl}/api/` },
  logLevel: LogLevel.ERROR,
});
app.message(async ({ message, say }) => {
  if (message.subtype === undefined) await say(await ask(message.text ?? ''));
});
const server = await app.start({ port: 0, host: '127.0.0.1' });
process.on('disconnect', () => process.exit());
process.send?.({ ports: [(server.address() as AddressInfo).port] });
