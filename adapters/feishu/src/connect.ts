import { setImmediate } from 'node:timers/promises';
import * as lark from '@larksuiteoapi/node-sdk';
import type { Adapter, AdapterDeps, EventSink } from '@parley/core/adapter';
import type { FeishuChannel } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { baseUrlOf, type Client } from './client.ts';
import { sdkLogger } from './log.ts';
import type { Parse } from './parse.ts';

/** The SDK waits for ever by default. */
const HANDSHAKE_TIMEOUT_MS = 15_000;
/** After a ping (every two minutes, as the server says) some frame must come within this, or the line is dead. */
const PONG_TIMEOUT_SECONDS = 30;
/** Until the line stands; then the caller backs off and tries anew, sooner than the SDK would (2 min). */
const READY_TIMEOUT_MS = 40_000;
/** For events whose sink is still at work when the connection has to end. */
const DRAIN_MS = 5_000;
/** What the SDK requires of an app id, but only logs when it is otherwise. */
const APP_ID = /^cli_[0-9a-fA-F]{16}$/;

/**
 * Receives events over Feishu's long connection, without a public address. Frames come from the connection that the
 * app's secret opened, so they carry no signature. The SDK answers a frame only after the handler: 200 when it
 * resolved, 500 when it threw, and Feishu delivers again what was not answered with 200.
 */
export function createConnect(
  channel: FeishuChannel,
  client: Client,
  parse: Parse,
  { logger, network }: Pick<AdapterDeps, 'logger' | 'network'>,
): NonNullable<Adapter['connect']> {
  return async (sink, signal) => {
    const { app_id, app_secret } = channel.credentials;
    if (!APP_ID.test(app_id)) {
      throw new ParleyError('platform_unauthorized', 'app_id is not one of Feishu: expected cli_ and 16 hex digits');
    }
    if (signal.aborted) return;

    const ended = Promise.withResolvers<void>();
    const intake = createIntake(parse, sink);
    const socket = new lark.WSClient({
      appId: app_id,
      appSecret: app_secret,
      domain: baseUrlOf(channel),
      agent: network?.agent(new URL(baseUrlOf(channel)).protocol, {}),
      httpInstance: reportingFailures(client.http, ended.reject),
      logger: sdkLogger(logger),
      loggerLevel: lark.LoggerLevel.error,
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
      wsConfig: { pingTimeout: PONG_TIMEOUT_SECONDS },
      onReady: () => clearTimeout(overdue),
      // The SDK would wait up to half a minute before it tries again: the caller knows better when to.
      onReconnecting: () => ended.reject(new ParleyError('platform_unavailable', 'the long connection was lost')),
      onError: (error) =>
        ended.reject(new ParleyError('platform_unavailable', `the long connection: ${error.message}`)),
    });
    const overdue = setTimeout(
      () => ended.reject(new ParleyError('platform_unavailable', 'the long connection was not ready in time')),
      READY_TIMEOUT_MS,
    );
    const stop = () => ended.resolve();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await socket.start({ eventDispatcher: dispatcherFor(intake.take, logger) });
      await ended.promise;
    } finally {
      signal.removeEventListener('abort', stop);
      clearTimeout(overdue);
      await intake.drain(DRAIN_MS);
      socket.close();
    }
  };
}

interface Intake {
  take(body: unknown): Promise<void>;
  /** Takes nothing more, and waits for what is under way, at most `ms`. */
  drain(ms: number): Promise<void>;
}

function createIntake(parse: Parse, sink: EventSink): Intake {
  const underWay = new Set<Promise<void>>();
  let draining = false;

  async function handle(body: unknown): Promise<void> {
    if (typeof body !== 'object' || body === null) throw new ParleyError('invalid_request', 'a frame without an event');
    await sink([await parse(body as Record<string, unknown>)]);
  }

  return {
    async take(body) {
      if (draining) throw new ParleyError('unavailable', 'the long connection is being closed');
      const work = handle(body);
      underWay.add(work);
      try {
        await work;
      } finally {
        underWay.delete(work);
      }
    },
    async drain(ms) {
      draining = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([Promise.allSettled(underWay), late]);
      clearTimeout(timer);
      // The SDK writes its answer some microtasks after the handler; it has to be ahead of the closing of the socket.
      await setImmediate();
    },
  };
}

/** The SDK's dispatcher hands each event type to its own handler; ours wants every envelope as it came. */
function dispatcherFor(take: Intake['take'], logger: AdapterDeps['logger']): lark.EventDispatcher {
  const dispatcher = new lark.EventDispatcher({ logger: sdkLogger(logger), loggerLevel: lark.LoggerLevel.error });
  dispatcher.invoke = async (body: unknown) => {
    try {
      await take(body);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'an event of the long connection was not taken; Feishu delivers it again');
      throw error;
    }
  };
  return dispatcher;
}

/**
 * The SDK retries whatever goes wrong when it asks for the connection's address, even a wrong secret, and tells nobody.
 */
function reportingFailures(http: lark.HttpInstance, report: (error: unknown) => void): lark.HttpInstance {
  return {
    ...http,
    async request<T, R = T>(options: lark.HttpRequestOptions<unknown>): Promise<R> {
      try {
        return await http.request<T, R>(options);
      } catch (error) {
        report(error);
        throw error;
      }
    },
  };
}
