import { randomBytes } from 'node:crypto';
import {
  createChatLog,
  createFaults,
  createRecorder,
  type DeliveryAnswer,
  readParameters,
  runApiCall,
  type SimRequest,
  type SimResponse,
  startServer,
} from '../shared/index.ts';
import type { ApiCall } from '../types.ts';
import { createSlackApi } from './api.ts';
import { createOutbox } from './outbox.ts';
import { composePost, toRichText } from './person.ts';
import { createResponseUrls } from './response-urls.ts';
import { createSocketHub } from './socket-hub.ts';
import { createStreams } from './streams.ts';
import { escapeTyped } from './text.ts';
import { createTimeline } from './timeline.ts';
import type { Conversation, SlackMessage, SlackSimulator, SlackSimulatorOptions, SlashInput } from './types.ts';
import { createWorkspace } from './workspace.ts';

export { signatureHeaders } from './signature.ts';
export type { SlackSimulator, SlackSimulatorOptions, SlashInput } from './types.ts';

const KNOWN_SECRETS = {
  bot_token: 'xoxb-simulator-bot-token',
  signing_secret: '5f1d2c3b4a59687786a5b4c3d2e1f001',
  app_token: 'xapp-1-simulator-app-token',
};
const SLACKBOT = 'USLACKBOT';

/** Starts a Slack that lives in this process: Web API, Events API, slash commands, response URLs and Socket Mode. */
export async function startSlackSimulator(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
  const workspace = createWorkspace({ strangers: options.strangers });
  const secrets = options.randomSecrets ? makeSecrets() : KNOWN_SECRETS;
  const log = createChatLog();
  const faults = createFaults();
  const calls = createRecorder<ApiCall>();
  const statuses = new Map<string, string>();
  const streams = createStreams();
  const sockets = createSocketHub({ appId: workspace.appId, onChange: () => outbox.socketsChanged() });
  const outbox = createOutbox({
    workspace,
    sockets,
    signingSecret: secrets.signing_secret,
    ackTimeoutMs: options.ackTimeoutMs ?? 3000,
    speedup: options.speedup,
  });
  const timeline = createTimeline({ workspace, log, outbox });
  const responseUrls = createResponseUrls({ workspace, timeline });
  const guard = {
    faults,
    calls,
    secrets: Object.values(secrets),
    rateLimited: (seconds: number): SimResponse => ({
      status: 429,
      headers: { 'retry-after': String(seconds) },
      body: { ok: false, error: 'ratelimited' },
    }),
    failed: (error: string): SimResponse => ({ body: { ok: false, error } }),
  };
  const api = createSlackApi({
    context: { workspace, timeline, streams, statuses, openSocketUrl },
    guard,
    tokens: { bot: secrets.bot_token, app: secrets.app_token },
    rateLimits: options.rateLimits ?? false,
  });
  const server = await startServer({ port: options.port, handle });
  server.server.on('upgrade', sockets.handleUpgrade);

  function openSocketUrl(): string {
    return `${server.url.replace('http', 'ws')}${sockets.issueTicket()}`;
  }

  async function handle(request: SimRequest): Promise<SimResponse | 'cut'> {
    const method = /^\/api\/([\w.]+)$/.exec(request.path)?.[1];
    if (method !== undefined) return api.handle(request, method);
    const body = await readParameters(request);
    return runApiCall(guard, { method: 'response_url', body }, () => {
      return responseUrls.answer(request.path, body) ?? { status: 404, body: 'Not Found' };
    });
  }

  function personsMessage(chat: string, messageId: string): { conversation: Conversation; message: SlackMessage } {
    const conversation = workspace.find(chat);
    const message = conversation?.messages.get(messageId);
    if (conversation === undefined || message === undefined) throw new Error(`No message ${messageId} in ${chat}.`);
    if (message.bot_id !== undefined) throw new Error(`Message ${messageId} in ${chat} is the bot's.`);
    return { conversation, message };
  }

  const chatId = (name: string): string => workspace.find(name)?.id ?? name;

  return {
    platform: 'slack',
    url: server.url,
    credentials: secrets,
    teamId: workspace.teamId,
    appId: workspace.appId,
    botUserId: workspace.bot.id,
    chatId,
    userId: (name) => workspace.person(name).id,
    setWebhook: outbox.setWebhook,
    redeliverNow: () => outbox.resume({ retryNow: true }),

    async say(input) {
      const person = workspace.person(input.from ?? 'alice');
      if (input.locale !== undefined) person.locale = input.locale === 'zh' ? 'zh-CN' : 'en-US';
      const conversation = workspace.conversation(input.chat, { kind: input.kind, user: person.id });
      const message = composePost(workspace, conversation, { ...input, user: person.id });
      timeline.post(conversation, message, message);
      return { id: message.ts, chat: conversation.id };
    },

    async edit(chat, messageId, text) {
      const { conversation, message } = personsMessage(chat, messageId);
      const escaped = escapeTyped(text);
      const edited = { user: message.user, ts: workspace.nextTs() };
      const change = { text: escaped, blocks: [toRichText(escaped)], edited };
      timeline.revise(conversation, message, change, { ...message, ...change });
    },

    async remove(chat, messageId) {
      const { conversation, message } = personsMessage(chat, messageId);
      timeline.erase(conversation, message);
    },

    async slash(input) {
      const person = workspace.person(input.from ?? 'alice');
      const conversation = workspace.conversation(input.chat, { kind: input.kind, user: person.id });
      const triggerId = `${Date.now()}.${randomBytes(4).readUInt32BE()}.${randomBytes(8).toString('hex')}`;
      const responseUrl = `${server.url}${responseUrls.issue(conversation)}`;
      outbox.deliver({
        eventId: triggerId,
        type: 'slash_commands',
        payload: {
          token: 'verification-token-is-deprecated',
          team_id: workspace.teamId,
          team_domain: workspace.teamDomain,
          channel_id: conversation.id,
          channel_name: conversation.isIm ? 'directmessage' : conversation.name,
          user_id: person.id,
          user_name: person.name,
          command: input.command,
          text: input.text ?? '',
          api_app_id: workspace.appId,
          is_enterprise_install: 'false',
          response_url: responseUrl,
          trigger_id: triggerId,
        },
        onAnswer: (answer) => showCommandAnswer(conversation, input, answer),
      });
      return { triggerId, responseUrl };
    },

    async urlVerification() {
      const challenge = randomBytes(24).toString('hex');
      const { status, body = '' } = await outbox.post({
        token: 'verification-token-is-deprecated',
        challenge,
        type: 'url_verification',
      });
      return { ok: status === 200 && echoes(body, challenge), status, body };
    },

    transcript: (chat) => log.transcript(chatId(chat)),
    waitFor: (chat, match, timeoutMs) => log.waitFor(chatId(chat), match, timeoutMs),
    onChange: log.onChange,
    openStreams: streams.left,
    threadStatus: (chat, threadTs) => statuses.get(`${chatId(chat)}:${threadTs}`),
    socketCount: sockets.count,
    disconnectSockets: (reason = 'refresh_requested') => sockets.disconnect(reason),
    calls: calls.items,
    deliveries: outbox.deliveries,
    misbehave: faults.misbehave,
    disturb: outbox.disturb,

    async close() {
      outbox.close();
      log.close();
      sockets.close();
      await server.close();
    },
  };

  /** Slack shows what the command's HTTP answer says, or that it failed, to the person who ran it. */
  function showCommandAnswer(conversation: Conversation, input: SlashInput, answer: DeliveryAnswer): void {
    if (answer.status >= 200 && answer.status < 300) {
      const body = answer.body?.trim() ?? '';
      if (body !== '') responseUrls.show(conversation, parseAnswer(body));
      return;
    }
    const reason = answer.failure === 'timeout' ? 'operation_timeout' : 'dispatch_failed';
    const text = `${input.command} failed with the error "${reason}"`;
    timeline.whisper(conversation, { text }, { error: reason }, SLACKBOT);
  }
}

function makeSecrets(): typeof KNOWN_SECRETS {
  const secret = () => randomBytes(16).toString('hex');
  return { bot_token: `xoxb-${secret()}`, signing_secret: secret(), app_token: `xapp-1-${secret()}` };
}

function parseAnswer(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (value !== null && typeof value === 'object') return { ...value };
  } catch {
    // Not JSON: plain text, shown as it stands.
  }
  return { text: body };
}

/** Slack takes the challenge as plain text, JSON or a form. */
function echoes(body: string, challenge: string): boolean {
  return [challenge, `challenge=${challenge}`].includes(body.trim()) || parseAnswer(body).challenge === challenge;
}
