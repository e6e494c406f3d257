import type { Adapter, AdapterDeps, AnswerStream } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import type { Client } from './client.ts';
import { isCardRefused } from './errors.ts';
import { previewOf } from './format.ts';
import type { Messages } from './messages.ts';
import { createSender } from './send.ts';
import { beginCardStream, CARD_INTERVAL_MS, resumeCardStream } from './stream-cardkit.ts';
import { type Carrier, isFinal, type StreamContext } from './stream-carrier.ts';
import { createMessageCarrier } from './stream-message.ts';
import { readState } from './stream-state.ts';

/** How long CardKit is left alone after it refused a card: granting the scope takes a person some minutes as well. */
const CARDKIT_PAUSE_MS = 10 * 60_000;

/** Of an answer of which nothing was shown yet: making a card and sending it; sending the answer as it is. */
const COST_OF_BEGINNING = { update: 2, finish: 1 };

/**
 * Shows an answer while it grows: in a streaming card of CardKit, where that is refused by edits of a card message.
 * Nothing is sent before the first update; an answer that had none is an ordinary message.
 */
export function createStartStream(
  client: Client,
  messages: Messages,
  { logger, now }: Pick<AdapterDeps, 'logger' | 'now'>,
): NonNullable<Adapter['startStream']> {
  const sender = createSender(messages);
  let cardKitAgainAt = Number.NEGATIVE_INFINITY;

  async function begin(context: StreamContext, content: string): Promise<Carrier> {
    if (now() < cardKitAgainAt) return createMessageCarrier(context, undefined);
    try {
      return await beginCardStream(context, content);
    } catch (error) {
      // What is wrong with this one card says nothing about CardKit.
      if (!isFinal(error) || isCardRefused(error)) throw error;
      cardKitAgainAt = now() + CARDKIT_PAUSE_MS;
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'Feishu refuses streaming cards (scope cardkit:card:write): answers grow by edits');
      return createMessageCarrier(context, undefined);
    }
  }

  return async (target, options, earlier): Promise<AnswerStream> => {
    const context: StreamContext = { client, messages, target, options };
    let carrier = resume(context, readState(earlier));
    let isBehind = false;

    return {
      get intervalMs() {
        return carrier?.intervalMs ?? CARD_INTERVAL_MS;
      },
      get cost() {
        return carrier?.cost ?? COST_OF_BEGINNING;
      },
      async update(markdown) {
        const content = previewOf(markdown);
        if (content === '') return;
        try {
          carrier ??= await begin(context, content);
          await carrier.update(content);
          isBehind = false;
        } catch (error) {
          // What was lost once is said again, and more, by the next update; twice in a row something is wrong.
          if (isBehind || !(error instanceof ParleyError && error.outcomeUnknown)) throw error;
          isBehind = true;
        }
      },
      async finish(part) {
        return carrier ? carrier.finish(part) : sender.postMessage(target, part, options);
      },
      abandon() {
        // There are neither timers nor sockets of its own.
      },
    };
  };
}

function resume(context: StreamContext, state: ReturnType<typeof readState>): Carrier | undefined {
  if (state === undefined) return undefined;
  return state.via === 'card' ? resumeCardStream(context, state) : createMessageCarrier(context, state);
}
