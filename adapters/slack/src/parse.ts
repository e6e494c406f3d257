import type { InboundEvent, WebhookRequest, WebhookResult } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { parseEvent } from './event.ts';
import { check, interaction } from './schema.ts';
import { parseSlashCommand } from './slash.ts';

export interface ParseContext {
  /** The channel's own commands, with their slash. */
  commands: readonly string[];
  /** Unix milliseconds. */
  now: () => number;
  /** This bot's user id, where a payload does not tell it. Rejects with `unavailable`. */
  botUserId: () => Promise<string>;
  /** Whether an address in a payload is one of Slack's. */
  isSlackUrl: (url: string) => boolean;
}

/**
 * Reads one webhook request whose signature is good. Events, slash commands and interactivity come to the same URL and
 * are told apart by their content type and fields.
 *
 * @throws ParleyError `invalid_request`, `unavailable`
 */
export async function parseRequest(request: WebhookRequest, context: ParseContext): Promise<WebhookResult> {
  const body = request.rawBody.toString('utf8');
  switch (mediaType(request.headers['content-type'])) {
    case 'application/json':
      return parseJson(body, context);
    case 'application/x-www-form-urlencoded':
      return taken(parseForm(new URLSearchParams(body), context));
    default:
      throw new ParleyError('invalid_request', 'Slack request of an unknown content type');
  }
}

/** Buttons, menus and dialogs. The hub shows none, so that whatever comes is acknowledged and left alone. */
export function parseInteraction(payload: unknown): InboundEvent {
  check(interaction, payload);
  return { kind: 'ignored', reason: 'unsupported_event' };
}

const jsonBody = z.looseObject({ type: z.string().min(1), challenge: z.string().max(4096).optional() });

async function parseJson(body: string, context: ParseContext): Promise<WebhookResult> {
  const payload = check(jsonBody, readJson(body));
  if (payload.type === 'event_callback') return taken(await parseEvent(payload, context));
  if (payload.type !== 'url_verification') return taken({ kind: 'ignored', reason: 'unsupported_event' });
  if (payload.challenge === undefined) throw new ParleyError('invalid_request', 'url_verification without a challenge');
  return {
    response: { status: 200, body: { challenge: payload.challenge } },
    events: [{ kind: 'ignored', reason: 'handshake' }],
  };
}

function parseForm(form: URLSearchParams, context: ParseContext): InboundEvent {
  const payload = form.get('payload');
  if (payload !== null) return parseInteraction(readJson(payload));
  if (form.has('command')) return parseSlashCommand(Object.fromEntries(form), context);
  if (form.get('ssl_check') === '1') return { kind: 'ignored', reason: 'handshake' };
  throw new ParleyError('invalid_request', 'Slack form without a command or a payload');
}

/** An empty 200 is enough for all of them; a slash command with it shows nothing but the command itself. */
function taken(event: InboundEvent): WebhookResult {
  return { response: { status: 200 }, events: [event] };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParleyError('invalid_request', 'Slack payload is not JSON');
  }
}

function mediaType(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.split(';', 1)[0]?.trim().toLowerCase() : undefined;
}
