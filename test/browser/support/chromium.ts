import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium; `npm test` installs it where it may (deploy/bootstrap/programs.mjs). */
const PATHS = [
  process.env.PARLEY_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

export const chromiumPath = PATHS.find((path) => path !== '' && existsSync(path));

/** Why browser tests are skipped, for their title. */
export const skipReason = chromiumPath ? undefined : 'Chromium is not installed (Debian: apt-get install chromium)';

export function launchChromium(): Promise<Browser> {
  if (!chromiumPath) throw new Error(skipReason);
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
