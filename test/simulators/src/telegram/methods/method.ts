import type { Arguments } from '../arguments.ts';
import type { Files } from '../files.ts';
import type { Stage } from '../stage.ts';
import type { Updates } from '../updates.ts';
import type { World } from '../world.ts';

/** What Bot API methods work on. */
export interface MethodContext {
  world: World;
  stage: Stage;
  updates: Updates;
  files: Files;
}

/** The method's `result`, and where the Bot API sends one a `description`. */
export interface MethodAnswer {
  result: unknown;
  description?: string;
}

/** One method; `signal` aborts when the caller goes away. Throws a `TelegramError` for an error. */
export type TelegramMethod = (
  args: Arguments,
  context: MethodContext,
  signal: AbortSignal,
) => MethodAnswer | Promise<MethodAnswer>;
