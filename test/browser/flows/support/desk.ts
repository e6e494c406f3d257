import type { Browser, Page } from 'playwright-core';
import { ADMIN_PASSWORD } from '../../../admin/helpers/console.ts';
import { createCleanup } from '../../../flow/helpers/cleanup.ts';
import { createWorld, startHub, type TestHub, type World, type WorldOptions } from '../../../support/index.ts';
import { launchChromium } from '../../support/chromium.ts';
import { screenshot } from '../../support/page.ts';
import { signInAt } from './pages.ts';
import { watch } from './watch.ts';

export interface View {
  /** A phone's width (390 px) instead of a desk's. */
  phone?: boolean;
  /** The browser's first language; default English. */
  locale?: string;
}

/** Somebody at a browser in front of a real hub, which stands between simulated platforms and a simulated model. */
export interface Desk {
  world: World;
  hub: TestHub;
  browser: Browser;
  /** A browser window of its own: no cookies, nothing remembered. */
  open(view?: View): Promise<Page>;
  /** The same, with `admin` signed in. */
  openAsAdmin(view?: View): Promise<Page>;
  /** What went wrong in any window so far; a test ends with `expect(desk.complaints()).toEqual([])`. */
  complaints(): string[];
  /** Pictures of all windows beside those of every page (not in git): what a test saw when it failed. */
  photograph(name: string): Promise<void>;
  /** Forgets what went wrong so far: for a test that provokes it. */
  forgive(): void;
  stop(): Promise<void>;
}

interface DeskOptions extends WorldOptions {
  /** The hub's environment; default: a known password for `admin`, no sandbox. */
  env?: Record<string, string>;
}

/** How long anything on a page may take to appear; generous, for machines that are busy. */
const PATIENCE_MS = 20_000;

export const DEFAULT_ENV = { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD, PARLEY_SANDBOX: 'off' };

/** Starts everything; the hub has no configuration file, and what there is to configure is done in the console. */
export async function startDesk({ env = DEFAULT_ENV, ...options }: DeskOptions = {}): Promise<Desk> {
  const cleanup = createCleanup();
  try {
    const world = cleanup.add(await createWorld(options));
    const browser = cleanup.add(await launchChromium());
    // The simulators stand on this machine.
    const hub = cleanup.add(await startHub({ env: { PARLEY_ALLOW_PRIVATE_URLS: 'on', ...env } }));
    world.connect(hub.url);
    const watches: { complaints: string[] }[] = [];
    const open: Desk['open'] = async ({ phone = false, locale = 'en-GB' } = {}) => {
      const context = await browser.newContext({
        viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
        hasTouch: phone,
        isMobile: phone,
        locale,
        colorScheme: 'light',
        reducedMotion: 'reduce',
        timezoneId: 'UTC',
      });
      context.setDefaultTimeout(PATIENCE_MS);
      watches.push(await watch(context));
      return context.newPage();
    };
    return {
      world,
      hub,
      browser,
      open,
      async openAsAdmin(view) {
        const page = await open(view);
        await signInAt(page, hub.url);
        return page;
      },
      complaints: () => watches.flatMap(({ complaints }) => complaints),
      async photograph(name) {
        const pages = browser.contexts().flatMap((context) => context.pages());
        await Promise.all(pages.map((page, index) => screenshot(page, `failed-${name}-${index}`)));
      },
      forgive() {
        for (const { complaints } of watches) complaints.length = 0;
      },
      stop: cleanup.run,
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
