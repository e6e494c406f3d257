import type { EventSink, InboundEvent } from '@parley/core/adapter';
import { toParleyError } from '@parley/core/errors';
import { type AnyMiddlewareArgs, App, type CodedError } from '@slack/bolt';
import { parseEvent } from './event.ts';
import { type ParseContext, parseInteraction } from './parse.ts';
import { makeReceiver, type ReceiverOptions } from './receiver.ts';
import { parseSlashCommand } from './slash.ts';

export interface ConnectOptions extends ReceiverOptions {
  context: ParseContext;
}

/**
 * Receives events by Socket Mode until `signal` aborts; rejects with a `platform_*` error when no connection can be
 * had, and the caller backs off.
 */
export async function connectSocket(options: ConnectOptions, sink: EventSink, signal: AbortSignal): Promise<void> {
  const app = makeApp(options, sink);
  const stop = () => void app.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await app.start();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Bolt tells the kinds of envelopes apart and runs them, errors included; what they mean is parsed as for a webhook. */
function makeApp(options: ConnectOptions, sink: EventSink): App {
  const app = new App({
    receiver: makeReceiver(options),
    // Runs before every listener. Without a token Bolt makes no client and so cannot call Slack: no `auth.test`.
    authorize: async () => ({}),
    tokenVerificationEnabled: false,
    attachFunctionToken: false,
    // The hub has its own rules for these: see classify.ts, and the conversations of the core.
    ignoreSelf: false,
    convoStore: false,
    logger: options.sdkLogger,
    clientOptions: { ...options.client.webOptions },
  });
  app.use(async (args) => {
    await sink([await read(args, options.context)]);
    // For most events there is none: Bolt has called it before it came here.
    if ('ack' in args && args.ack !== undefined) await args.ack();
  });
  // Bolt wraps what has no code. Thrown again it comes out of `processEvent`; otherwise a failure looks like success.
  app.error(async (error: CodedError) => {
    throw toParleyError(error.original ?? error);
  });
  return app;
}

async function read(args: AnyMiddlewareArgs, context: ParseContext): Promise<InboundEvent> {
  if ('event' in args) return parseEvent(args.body, context);
  if ('command' in args) return parseSlashCommand(args.body, context);
  return parseInteraction(args.body);
}
