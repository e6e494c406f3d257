import { randomBytes } from 'node:crypto';
import {
  createChatLog,
  createFaults,
  createRecorder,
  type SimRequest,
  type SimResponse,
  startServer,
} from '../shared/index.ts';
import type { ApiCall } from '../types.ts';
import { createTelegramApi } from './api.ts';
import { errorFromDescription } from './error.ts';
import { createFiles } from './files.ts';
import { createPeople } from './people.ts';
import { createStage } from './stage.ts';
import type { TelegramSimulator, TelegramSimulatorOptions } from './types.ts';
import { createUpdates } from './updates.ts';
import { createWorld } from './world.ts';

export type {
  Chat,
  Entity,
  Message,
  TelegramSayInput,
  TelegramSimulator,
  TelegramSimulatorOptions,
  Update,
  User,
} from './types.ts';

const BOT_ID = '7000000001';
const TOKEN_SECRET = 'SIMULATORsimulatorSIMULATORsimulato';
const WEBHOOK_SECRET = 'simulator-webhook-secret';
const DEFAULT_CONNECTIONS = 40;

/** Starts a Telegram that lives in this process: the Bot API, webhooks, long polling and file downloads. */
export async function startTelegramSimulator(options: TelegramSimulatorOptions = {}): Promise<TelegramSimulator> {
  const { randomSecrets = false } = options;
  const botToken = `${BOT_ID}:${randomSecrets ? randomBytes(24).toString('hex') : TOKEN_SECRET}`;
  const webhookSecret = randomSecrets ? randomBytes(24).toString('hex') : WEBHOOK_SECRET;
  const world = createWorld();
  const log = createChatLog();
  const faults = createFaults();
  const calls = createRecorder<ApiCall>();
  const files = createFiles();
  const stage = createStage({ world, log });
  const updates = createUpdates({
    speedup: options.speedup,
    timeoutMs: options.webhookTimeoutMs ?? 60_000,
    onReply: (body) => void runReply(body),
  });
  const api = createTelegramApi({
    context: { world, stage, updates, files },
    guard: {
      faults,
      calls,
      secrets: [botToken, webhookSecret],
      rateLimited,
      failed: (description) => {
        const error = errorFromDescription(description);
        return { status: error.code, body: error.toBody() };
      },
    },
    token: botToken,
    rateLimits: options.rateLimits ?? false,
  });
  const people = createPeople({ world, stage, updates, files, privacy: options.privacy ?? false });
  const server = await startServer({
    port: options.port,
    handle: (request: SimRequest): Promise<SimResponse | 'cut'> => api.handle(request),
  });

  /** A webhook may answer with a method call: https://core.telegram.org/bots/api#making-requests-when-getting-updates */
  async function runReply(body: string): Promise<void> {
    const reply = parseReply(body);
    if (reply !== undefined) await api.callFromWebhook(reply);
  }

  const chatId = (name: string): string => String(world.find(name)?.chat.id ?? name);

  return {
    platform: 'telegram',
    url: server.url,
    credentials: { bot_token: botToken, webhook_secret: webhookSecret },
    bot: world.bot,
    chatId,
    userId: (name) => world.person(name).id,

    setWebhook(url) {
      const maxConnections = DEFAULT_CONNECTIONS;
      updates.setWebhook(url === undefined ? undefined : { url, secretToken: webhookSecret, maxConnections });
    },

    ...people,
    draft: (chat) => stage.draft(Number(chatId(chat))),
    draftVersions: (chat) => stage.draftVersions(Number(chatId(chat))),
    isTyping: (chat) => stage.isTyping(Number(chatId(chat))),
    transcript: (chat) => log.transcript(chatId(chat)),
    waitFor: (chat, match, timeoutMs) => log.waitFor(chatId(chat), match, timeoutMs),
    onChange: log.onChange,
    calls: calls.items,
    deliveries: updates.deliveries,
    redeliverNow: updates.redeliverNow,
    misbehave: faults.misbehave,
    disturb: updates.disturb,

    async close() {
      updates.close();
      log.close();
      await server.close();
    },
  };
}

function rateLimited(seconds: number): SimResponse {
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: {
      ok: false,
      error_code: 429,
      description: `Too Many Requests: retry after ${seconds}`,
      parameters: { retry_after: seconds },
    },
  };
}

function parseReply(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' && 'method' in value ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
