import { randomBytes } from 'node:crypto';
import { createChatLog, createFaults, createRecorder, startServer } from '../shared/index.ts';
import type { ApiCall } from '../types.ts';
import { authRoutes, errorByName } from './api/auth.ts';
import { cardKitRoutes } from './api/cardkit.ts';
import { changeRoutes } from './api/messages-change.ts';
import { readRoutes } from './api/messages-read.ts';
import { sendRoutes } from './api/messages-send.ts';
import { reactionRoutes } from './api/reactions.ts';
import { createRouter } from './api/router.ts';
import { createCardStore } from './card-store.ts';
import { createControls } from './controls.ts';
import { createDisplay } from './display.ts';
import { errorResponse, throttled } from './errors.ts';
import { type AppIdentity, createEvents } from './events.ts';
import { idFromName, newId } from './ids.ts';
import { createLimits } from './limits.ts';
import { createOutbox } from './outbox.ts';
import { idOf } from './people.ts';
import { createLongConnections, DEFAULT_CLIENT_CONFIG } from './socket.ts';
import { createTokens } from './tokens.ts';
import type { FeishuSimulator, FeishuSimulatorOptions } from './types.ts';
import { createWorld } from './world.ts';

export { encrypt, signatureHeaders } from './signature.ts';
export type { FeishuSayInput, FeishuSimulator, FeishuSimulatorOptions } from './types.ts';

const FRAGMENT_BYTES = 64 * 1024;

/** Starts a Feishu that lives in this process: open API, CardKit, event subscriptions by webhook and long connection. */
export async function startFeishuSimulator(options: FeishuSimulatorOptions = {}): Promise<FeishuSimulator> {
  const now = options.now ?? Date.now;
  const app: AppIdentity = {
    appId: newId('cli'),
    appName: 'Parley',
    openId: newId('ou'),
    unionId: newId('on'),
    tenantKey: randomBytes(8).toString('hex'),
    verificationToken: randomBytes(16).toString('hex'),
  };
  const appSecret = randomBytes(16).toString('hex');
  const encryptKey = options.encrypt === false ? undefined : randomBytes(16).toString('hex');
  const clientConfig = { ...DEFAULT_CLIENT_CONFIG, ...options.clientConfig };

  const secrets = [appSecret];
  const tokens = createTokens({
    appId: app.appId,
    appSecret,
    lifeSeconds: options.tokenSeconds ?? 7_200,
    now,
    onIssue: (token) => secrets.push(token),
  });
  const world = createWorld({ openId: app.openId, name: app.appName });
  const cards = createCardStore(now);
  const log = createChatLog();
  const faults = createFaults();
  const calls = createRecorder<ApiCall>();
  const limits = createLimits(options.rateLimits ?? false, now);
  const display = createDisplay({ world, cards, log, botOpenId: app.openId });
  const events = createEvents(app, options.schema ?? 'v2', now);
  const outbox = createOutbox({
    encryptKey,
    verificationToken: app.verificationToken,
    spacedJson: options.spacedJson ?? false,
    speedup: options.speedup ?? 1,
    now,
    sockets: () => sockets,
  });

  const deps = { app, world, cards, display, limits, now };
  const routes = [
    ...authRoutes({ app, tokens, clientConfig, sockets: () => sockets }),
    ...sendRoutes(deps),
    ...changeRoutes(deps),
    ...readRoutes(deps),
    ...reactionRoutes(deps),
    ...cardKitRoutes(deps),
  ];
  const guard = {
    faults,
    calls,
    secrets,
    rateLimited: throttled,
    failed: (name: string) => errorResponse(errorByName(name)),
  };
  const server = await startServer({ port: options.port, handle: createRouter(routes, { guard, tokens, limits }) });
  const sockets = createLongConnections({
    server: server.server,
    url: server.url,
    clientConfig,
    fragmentBytes: options.fragmentBytes ?? FRAGMENT_BYTES,
    onChange: () => outbox.connectionsChanged(),
  });

  return {
    platform: 'feishu',
    url: server.url,
    credentials: {
      app_id: app.appId,
      app_secret: appSecret,
      verification_token: app.verificationToken,
      ...(encryptKey !== undefined && { encrypt_key: encryptKey }),
    },
    appId: app.appId,
    tenantKey: app.tenantKey,
    botOpenId: app.openId,
    chatId: (name) => idOf('oc', name),
    userId: (name) => idFromName('ou', name),

    ...createControls({ app, world, display, events, deliver: outbox.deliver, now }),
    setWebhook: outbox.setWebhook,
    redeliverNow: outbox.redeliverNow,
    checkUrl: outbox.checkUrl,
    expireTokens: tokens.expireAll,
    socketCount: sockets.count,
    dropSockets: sockets.drop,
    pendingEvents: outbox.pending,

    transcript: (chat) => log.transcript(idOf('oc', chat)),
    waitFor: (chat, match, timeoutMs) => log.waitFor(idOf('oc', chat), match, timeoutMs),
    onChange: log.onChange,
    calls: calls.items,
    deliveries: outbox.deliveries,
    misbehave: faults.misbehave,
    disturb: outbox.disturb,

    async close() {
      outbox.close();
      log.close();
      await sockets.close();
      await server.close();
    },
  };
}
