import { WebClient } from '@slack/web-api';
import { SECRETS } from '../world/people.ts';
import { askWithSdk } from './models.ts';
import { runQueue } from './queue.ts';

/** The pipeline with the official clients of the model and of Slack. */
runQueue('sdk', ({ modelUrl, platformUrl }) => {
  const ask = askWithSdk(modelUrl);
  const slack = new WebClient(SECRETS.slackBot, { slackApiUrl: `${platformUrl}/api/`, retryConfig: { retries: 0 } });
  return async ({ channel, text }) => slack.chat.postMessage({ channel, text: await ask(text) });
});
