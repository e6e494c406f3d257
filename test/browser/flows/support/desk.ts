import type { Browser, Page } from 'playwright-core';
import { ADMIN_PASSWORD } from '../../../admin/helpers/console.ts';
import { createCleanup } from '../../../flow/helpers/cleanup.ts';
import { createWorld, startHub, type TestHub, type World, type WorldOptions } from '../../../support/index.ts';
import { launchChromium } from '../../support/chromium.ts';
import { watch } from './watch.ts';

export interface View {
  /** A phone's width (390 px) instead of a desk's. */
  phone?: boolean;
}

/** Somebody at a browser in front of a real hub, which stands between simulated platforms and a simulated model. */
export interface Desk {
  world: World;
  hub: TestHub;
  browser: Browser;
  /** A browser window of its own: no cookies, nothing remembered. */
  open(view?: View): Promise<Page>;
  /** What went wrong in any window so far; a test ends with `expect(desk.complaints()).toEqual([])`. */
  complaints(): string[];
  stop(): Promise<void>;
}

interface DeskOptions extends WorldOptions {
  /** The hub's environment; default: a known password for `admin`, no sandbox. */
  env?: Record<string, string>;
}

const DEFAULT_ENV = { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD, PARLEY_SANDBOX: 'off' };

/** Starts everything; the hub has no configuration file, and what there is to configure is done in the console. */
export async function startDesk({ env = DEFAULT_ENV, ...options }: DeskOptions = {}): Promise<Desk> {
  const cleanup = createCleanup();
  try {
    const world = cleanup.add(await createWorld(options));
    const [hub, browser] = await Promise.all([
      // The simulators stand on this machine.
      startHub({ env: { PARLEY_ALLOW_PRIVATE_URLS: 'on', ...env } }).then(cleanup.add),
      launchChromium().then(cleanup.add),
    ]);
    world.connect(hub.url);
    const watches: { complaints: string[] }[] = [];
    return {
      world,
      hub,
      browser,
      async open({ phone = false } = {}) {
        const context = await browser.newContext({
          viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
          hasTouch: phone,
          isMobile: phone,
          locale: 'en-GB',
          colorScheme: 'light',
          reducedMotion: 'reduce',
          timezoneId: 'UTC',
        });
        watches.push(await watch(context));
        return context.newPage();
      },
      complaints: () => watches.flatMap(({ complaints }) => complaints),
      stop: cleanup.run,
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
