import { readFileSync } from 'node:fs';
import { slackManifest } from '@parley/gateway';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

test.each([
  ['docs/connect/slack-app-manifest.yaml', 'https://bots.example.com/webhooks/slack/slack'],
  ['docs/connect/slack-app-manifest-socket.yaml', undefined],
])('%s says what the console offers to copy', (file, url) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(slackManifest(url)).toEqual(parse(text));
});
