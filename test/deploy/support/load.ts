import { PLATFORM_NAMES } from '../../flow/helpers/chats.ts';
import type { World } from '../../support/index.ts';

/** The secrets of the simulated platforms, under the names of the quick start, as deploy/load wants them. */
export const secretsOf = (world: World): Record<string, string> =>
  Object.fromEntries(
    PLATFORM_NAMES.flatMap((name) =>
      Object.entries(world[name].credentials).map(([key, value]) => [`${name}_${key}`.toUpperCase(), value]),
    ),
  );
