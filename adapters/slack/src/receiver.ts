import type { Socket } from 'node:net';
import type { AdapterDeps } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Receiver } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { Logger as SdkLogger } from '@slack/web-api';
import { Agent, type Dispatcher } from 'undici';
import type { SlackClient } from './client.ts';
import { type EnvelopeHandler, makeEnvelopeHandler } from './envelope.ts';
import { toPlatformError } from './errors.ts';

export interface ReceiverOptions {
  appToken: string;
  client: Pick<SlackClient, 'webOptions' | 'network'>;
  sdkLogger: SdkLogger;
  logger: AdapterDeps['logger'];
}

/** From the start of the call to Slack's `hello`. */
const OPEN_TIMEOUT_MS = 20_000;
/** How long a peer may take to close its side before the socket is simply cut. */
const CLOSE_TIMEOUT_MS = 2_000;
/** How long envelopes in hand may take when the connection is to end; later ones are left to Slack to deliver again. */
const DRAIN_TIMEOUT_MS = 5_000;
/** Slack renews connections every few hours. One that ends sooner than this, several times on end, is no renewal. */
const SHORT_LIFE_MS = 10_000;
const MAX_SHORT_LIVES = 3;

/**
 * Socket Mode as a receiver for Bolt's App. `start` lasts until `stop`: when Slack renews the connection the next one
 * is opened at once; when one cannot be opened, it rejects with a `platform_*` error.
 *
 * Bolt's own receiver leaves reconnecting to the client. Here it stays off, because a reconnect that fails there is an
 * unhandled rejection, which ends the process.
 */
export function makeReceiver(options: ReceiverOptions): Receiver {
  const stopped = new AbortController();
  let envelopes: EnvelopeHandler | undefined;
  return {
    init(app) {
      envelopes = makeEnvelopeHandler(app, options.logger);
    },
    async start() {
      if (envelopes === undefined) throw new ParleyError('internal', 'The Slack receiver belongs to no App');
      await keepConnected(options, envelopes, stopped.signal);
    },
    async stop() {
      stopped.abort();
    },
  };
}

async function keepConnected(options: ReceiverOptions, envelopes: EnvelopeHandler, signal: AbortSignal): Promise<void> {
  try {
    for (let shortLives = 0; !signal.aborted; ) {
      const openedAt = performance.now();
      await runConnection(options, envelopes, signal);
      shortLives = performance.now() - openedAt < SHORT_LIFE_MS ? shortLives + 1 : 0;
      if (shortLives >= MAX_SHORT_LIVES && !signal.aborted) {
        throw new ParleyError('platform_unavailable', 'Slack keeps closing the Socket Mode connection');
      }
    }
  } finally {
    await drain(envelopes);
  }
}

/** One connection, from opening to its end. */
async function runConnection(options: ReceiverOptions, envelopes: EnvelopeHandler, signal: AbortSignal): Promise<void> {
  const socket = options.client.network && checkedSocket(options.client.network);
  try {
    await runSocket(options, envelopes, signal, socket?.dispatcher);
  } finally {
    socket?.destroy();
  }
}

async function runSocket(
  options: ReceiverOptions,
  envelopes: EnvelopeHandler,
  signal: AbortSignal,
  dispatcher: Dispatcher | undefined,
): Promise<void> {
  const { webOptions } = options.client;
  const client = new GuardedClient({
    appToken: options.appToken,
    autoReconnectEnabled: false,
    logger: options.sdkLogger,
    clientOptions: { ...webOptions, fetch: abortableFetch(webOptions.fetch, signal) },
    ...(dispatcher && { dispatcher }),
  });
  client.on('slack_event', envelopes.take);
  client.on('unreadable', () => options.logger.warn('Slack sent a Socket Mode envelope that cannot be read'));
  const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));

  try {
    await open(client, signal);
  } catch (thrown) {
    if (signal.aborted) return;
    throw toPlatformError('apps.connections.open', thrown ?? new Error('the socket closed before its hello'));
  }
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  await Promise.race([ended, aborted.promise]);
  signal.removeEventListener('abort', onAbort);

  if (!signal.aborted) return;
  // What is in hand can still be acknowledged while the socket is open.
  await drain(envelopes);
  await shut(client, ended);
}

/** In place of the SDK's own dispatcher, which does not check where it goes; like it, it cuts its socket in the end. */
function checkedSocket(network: NonNullable<SlackClient['network']>) {
  const connect = network.connector({ allowH2: false });
  let opened: Socket | null = null;
  const dispatcher = new Agent({
    connect: (target, callback) =>
      connect(target, (...result) => {
        opened = result[1];
        callback(...result);
      }),
  });
  return {
    dispatcher,
    destroy() {
      opened?.destroy();
      void dispatcher.destroy();
    },
  };
}

async function drain(envelopes: EnvelopeHandler): Promise<void> {
  envelopes.stop();
  await within(DRAIN_TIMEOUT_MS, envelopes.settled());
}

/** Resolves at Slack's `hello`. */
async function open(client: SocketModeClient, signal: AbortSignal): Promise<void> {
  // The SDK would wait for the hello without end. Closing the socket makes its `start` reject.
  const cut = () => void client.websocket?.disconnect();
  const timer = setTimeout(cut, OPEN_TIMEOUT_MS);
  signal.addEventListener('abort', cut, { once: true });
  try {
    await client.start();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cut);
  }
}

async function shut(client: SocketModeClient, ended: Promise<void>): Promise<void> {
  void client.disconnect();
  await within(CLOSE_TIMEOUT_MS, ended);
  // The second call on a closing socket cuts it; on a closed one it does nothing.
  if (client.websocket?.readyState !== undefined) client.websocket.disconnect();
  await ended;
}

/** Ends when `pending` does, or after `ms`. */
async function within(ms: number, pending: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([pending, late.promise]).finally(() => clearTimeout(timer));
}

type WebFetch = SlackClient['webOptions']['fetch'];

function abortableFetch(fetch: WebFetch, signal: AbortSignal): WebFetch {
  return (url, init) =>
    fetch(url, { ...init, signal: init?.signal === undefined ? signal : AbortSignal.any([init.signal, signal]) });
}

/** The SDK reads an envelope in an unobserved async listener: one it cannot read would end the process. */
class GuardedClient extends SocketModeClient {
  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    await super.onWebSocketMessage(data, isBinary).catch((error: unknown) => this.emit('unreadable', error));
  }
}
