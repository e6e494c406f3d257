import { createDeliverer, type Deliverer, type DeliveryAnswer, postEvent } from '../shared/index.ts';
import type { FeishuEvent } from './events.ts';
import { goJson } from './json.ts';
import { encrypt, signatureHeaders } from './signature.ts';
import type { LongConnections } from './socket.ts';

export interface OutboxOptions {
  /** Undefined: events go out plain and unsigned. */
  encryptKey: string | undefined;
  verificationToken: string;
  /** Prints bodies with extra white space, which a receiver has to bear. */
  spacedJson: boolean;
  speedup: number;
  now: () => number;
  sockets: () => LongConnections;
}

export interface UrlCheck {
  /** Whether the hub gave the challenge back within a second. */
  passed: boolean;
  status: number;
  body: string;
}

/** Brings events to the hub: over a long connection when there is one, else to the webhook, else when one of them comes. */
export interface Outbox
  extends Pick<Deliverer<FeishuEvent>, 'deliveries' | 'deliver' | 'disturb' | 'pending' | 'close'> {
  setWebhook(url: string | undefined): void;
  redeliverNow(): void;
  /** To be called when a long connection became ready or was closed. */
  connectionsChanged(): void;
  /** Does what the developer console does when a request URL is saved: sends `url_verification` and checks the answer. */
  checkUrl(): Promise<UrlCheck>;
}

/** The hub has 3 s to answer an event and 1 s to answer a challenge. */
const ANSWER_TIMEOUT_MS = 3_000;
const CHALLENGE_TIMEOUT_MS = 1_000;
/** Waiting times after the first, second, … failed attempt; then the event is given up. */
const RETRY_DELAYS_MS = [15_000, 5 * 60_000, 60 * 60_000, 6 * 60 * 60_000];

export function createOutbox(options: OutboxOptions): Outbox {
  const { encryptKey, spacedJson, now } = options;
  let webhook: string | undefined;

  const bodyOf = (payload: unknown) =>
    goJson(encryptKey === undefined ? payload : { encrypt: encrypt(goJson(payload), encryptKey) }, spacedJson);

  const deliverer = createDeliverer<FeishuEvent>({
    speedup: options.speedup,
    paused: true,
    retryDelayMs: (attempt) => RETRY_DELAYS_MS[attempt - 1],
    async send(event, _attempt, _previous, signal): Promise<DeliveryAnswer> {
      const sockets = options.sockets();
      if (sockets.isReady()) return sockets.push(event.payload, ANSWER_TIMEOUT_MS, signal);
      if (webhook === undefined) return { status: 0, failure: 'connection' };
      // Every attempt is encrypted and signed anew.
      const body = bodyOf(event.payload);
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        ...(encryptKey !== undefined && signatureHeaders(body, encryptKey, now())),
      };
      return postEvent({ url: webhook, headers, body, timeoutMs: ANSWER_TIMEOUT_MS, signal });
    },
  });

  function openOrClose(): void {
    if (webhook !== undefined || options.sockets().isReady()) deliverer.resume();
    else deliverer.pause();
  }

  return {
    deliveries: deliverer.deliveries,
    deliver: deliverer.deliver,
    disturb: deliverer.disturb,
    pending: deliverer.pending,
    close: deliverer.close,
    connectionsChanged: openOrClose,

    redeliverNow: () => deliverer.resume({ retryNow: true }),

    setWebhook(url) {
      webhook = url;
      openOrClose();
    },

    async checkUrl() {
      if (webhook === undefined) throw new Error('There is no webhook to check.');
      const challenge = crypto.randomUUID();
      // Unlike events, a challenge is never signed.
      const answer = await postEvent({
        url: webhook,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: bodyOf({ challenge, token: options.verificationToken, type: 'url_verification' }),
        timeoutMs: CHALLENGE_TIMEOUT_MS,
      });
      const body = answer.body ?? '';
      return { passed: answer.status === 200 && echoes(body, challenge), status: answer.status, body };
    },
  };
}

function echoes(body: string, challenge: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return answer !== null && typeof answer === 'object' && 'challenge' in answer && answer.challenge === challenge;
  } catch {
    return false;
  }
}
