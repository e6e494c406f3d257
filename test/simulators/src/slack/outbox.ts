import {
  createDeliverer,
  type Deliverer,
  type DeliveryAnswer,
  type OutgoingEvent,
  postEvent,
} from '../shared/index.ts';
import { signatureHeaders } from './signature.ts';
import type { SocketHub } from './socket-hub.ts';
import type { Workspace } from './workspace.ts';

/** One thing Slack tells the app: an Events API callback, or a slash command. */
export interface SlackEvent extends OutgoingEvent {
  type: 'events_api' | 'slash_commands';
  payload: Record<string, unknown>;
  onAnswer?: (answer: DeliveryAnswer) => void;
}

export interface Outbox extends Deliverer<SlackEvent> {
  /** Wraps an event such as `message` in an event callback and sends it. */
  emit(event: Record<string, unknown>): void;
  setWebhook(url: string | undefined): void;
  /** To be called when Socket Mode connections come or go. */
  socketsChanged(): void;
  /** Signs and POSTs a JSON body once, outside the ladder. */
  post(payload: unknown): Promise<DeliveryAnswer>;
}

/** "…nearly immediately, after 1 minute, and after 5 minutes": https://docs.slack.dev/apis/events-api/#retries */
const LADDER_MS = [0, 60_000, 300_000];

/** Sends events to the hub: through a Socket Mode connection while one is open, to the request URL otherwise. */
export function createOutbox(options: {
  workspace: Workspace;
  sockets: SocketHub;
  signingSecret: string;
  ackTimeoutMs: number;
  speedup: number | undefined;
}): Outbox {
  const { workspace, sockets, ackTimeoutMs } = options;
  let webhook: string | undefined;

  const deliverer = createDeliverer<SlackEvent>({
    paused: true,
    ...(options.speedup === undefined ? {} : { speedup: options.speedup }),
    send: (event, attempt, previous, signal) =>
      sockets.count() > 0
        ? sockets.send(event, { attempt: attempt - 1, reason: retryReason(previous, true), timeoutMs: ackTimeoutMs })
        : postSigned(encode(event), { attempt: attempt - 1, reason: retryReason(previous, false) }, signal),
    retryDelayMs: (attempt, answer, event) => {
      if (event.type === 'slash_commands' || answer.headers?.['x-slack-no-retry'] === '1') return undefined;
      return LADDER_MS[attempt - 1];
    },
    onSettled: (event, answer) => event.onAnswer?.(answer),
  });

  async function postSigned(
    { type, body }: { type: string; body: string },
    retry: { attempt: number; reason: string },
    signal?: AbortSignal,
  ): Promise<DeliveryAnswer> {
    if (webhook === undefined) return { status: 0, failure: 'connection' };
    const headers: Record<string, string> = {
      'content-type': type,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      ...signatureHeaders(options.signingSecret, body),
    };
    if (retry.attempt > 0) {
      headers['x-slack-retry-num'] = String(retry.attempt);
      headers['x-slack-retry-reason'] = retry.reason;
    }
    return postEvent({ url: webhook, headers, body, timeoutMs: ackTimeoutMs, ...(signal && { signal }) });
  }

  function update(): void {
    if (webhook === undefined && sockets.count() === 0) deliverer.pause();
    else deliverer.resume();
  }

  return {
    ...deliverer,

    emit(event) {
      const { teamId, appId, bot } = workspace;
      const eventId = workspace.nextId('Ev');
      const authorization = {
        enterprise_id: null,
        team_id: teamId,
        user_id: bot.id,
        is_bot: true,
        is_enterprise_install: false,
      };
      const payload = {
        token: 'verification-token-is-deprecated',
        team_id: teamId,
        context_team_id: teamId,
        context_enterprise_id: null,
        api_app_id: appId,
        event,
        type: 'event_callback',
        event_id: eventId,
        event_time: Math.floor(Date.now() / 1000),
        authorizations: [authorization],
        is_ext_shared_channel: false,
        event_context: `4-${eventId}`,
      };
      deliverer.deliver({ eventId, type: 'events_api', payload });
    },

    setWebhook(url) {
      webhook = url;
      update();
    },

    socketsChanged: update,

    post: (payload) =>
      postSigned({ type: 'application/json', body: JSON.stringify(payload) }, { attempt: 0, reason: '' }),
  };
}

function encode(event: SlackEvent): { type: string; body: string } {
  if (event.type === 'events_api') return { type: 'application/json', body: JSON.stringify(event.payload) };
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(event.payload)) fields.append(name, String(value));
  return { type: 'application/x-www-form-urlencoded', body: fields.toString() };
}

function retryReason(previous: DeliveryAnswer | undefined, socket: boolean): string {
  if (previous === undefined) return '';
  if (previous.failure === 'timeout' || previous.failure === 'dropped') return socket ? 'timeout' : 'http_timeout';
  return previous.failure === 'connection' ? 'connection_failed' : 'http_error';
}
