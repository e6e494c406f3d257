import type { Arguments } from '../arguments.ts';
import type { Streams } from '../streams.ts';
import type { Timeline } from '../timeline.ts';
import type { Workspace } from '../workspace.ts';

/** What Web API methods work on. */
export interface MethodContext {
  workspace: Workspace;
  timeline: Timeline;
  streams: Streams;
  /** Status lines of threads, by `channel:thread_ts`. */
  statuses: Map<string, string>;
  /** A WebSocket URL for a new Socket Mode connection. */
  openSocketUrl(): string;
}

/** One Web API method. `run` returns what is answered beside `ok: true` and throws a `SlackError` for an error name. */
export interface SlackMethod {
  /** Which token it takes; default the bot's. */
  token?: 'app';
  /** Calls a minute: https://docs.slack.dev/apis/web-api/rate-limits (tier 2: 20, tier 3: 50, tier 4: 100). */
  perMinute: number;
  run(args: Arguments, context: MethodContext): Record<string, unknown>;
}
