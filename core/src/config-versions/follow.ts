import type { Logger } from 'pino';
import type { ConfigLayer } from '../config/index.ts';
import type { ConfigVersions, Expected } from './versions.ts';

/** Redis Pub/Sub channel on which every process hears at once that another version is active. */
export const CONFIG_CHANNEL = 'parley:config';

export interface FollowOptions {
  versions: Pick<ConfigVersions, 'activeNumber' | 'active'>;
  /** What is in force when this begins. */
  version: Expected;
  apply: (version: Expected, document: ConfigLayer | undefined) => Promise<void>;
  logger: Logger;
  /** A notice may be lost; the database is asked at this beat in any case. */
  pollMs?: number;
}

/** Keeps one process at the active version. */
export interface Follower {
  /** Somebody said that another version is active: look at once. */
  look(): Promise<void>;
  /** This process activated one itself, and has applied it. */
  note(version: Expected): void;
  close(): void;
}

export function followVersions(options: FollowOptions): Follower {
  const { versions, apply, logger, pollMs = 5_000 } = options;
  let known = options.version;
  let looking: Promise<void> | undefined;
  let again = false;

  async function once(): Promise<void> {
    if ((await versions.activeNumber()) === known) return;
    const active = await versions.active();
    known = active?.version ?? null;
    await apply(known, active?.document);
  }

  function look(): Promise<void> {
    // A notice that comes while one is looking may be about a still newer version.
    again = true;
    looking ??= (async () => {
      while (again) {
        again = false;
        await once().catch((error) =>
          logger.warn({ err: error }, 'the active configuration cannot be read; the old one stays'),
        );
      }
      looking = undefined;
    })();
    return looking;
  }

  const timer = setInterval(() => void look(), pollMs);
  return {
    look,
    note(version) {
      known = version;
    },
    close: () => clearInterval(timer),
  };
}
