import { randomBytes } from 'node:crypto';
import type { SimResponse } from '../shared/index.ts';
import { parseBlocks } from './blocks.ts';
import { composeBotPost } from './bot-post.ts';
import { SlackError } from './error.ts';
import type { Timeline } from './timeline.ts';
import type { Conversation } from './types.ts';
import type { Workspace } from './workspace.ts';

/** Where the app may answer a slash command later: at most 5 times within 30 minutes. */
export interface ResponseUrls {
  /** A new path for answers into `conversation`. */
  issue(conversation: Conversation): string;
  /** Takes an answer; `undefined` when the path is not one of ours. */
  answer(path: string, body: unknown): SimResponse | undefined;
  /** Shows an answer the way a `response_url` or the command's own HTTP response does. */
  show(conversation: Conversation, answer: Record<string, unknown>): boolean;
}

const MAX_USES = 5;
const TTL_MS = 30 * 60_000;
const MAX_URLS = 10_000;

/** Makes the store of response URLs: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export function createResponseUrls({
  workspace,
  timeline,
}: {
  workspace: Workspace;
  timeline: Timeline;
}): ResponseUrls {
  const urls = new Map<string, { conversation: Conversation; uses: number; expiresAt: number }>();

  const responses: ResponseUrls = {
    issue(conversation) {
      const path = `/commands/${workspace.teamId}/${workspace.nextId('')}/${randomBytes(12).toString('hex')}`;
      urls.set(path, { conversation, uses: 0, expiresAt: Date.now() + TTL_MS });
      if (urls.size > MAX_URLS) urls.delete(urls.keys().next().value as string);
      return path;
    },

    answer(path, body) {
      const url = urls.get(path);
      if (url === undefined) return undefined;
      if (Date.now() > url.expiresAt) return { status: 404, body: { ok: false, error: 'expired_url' } };
      if (url.uses >= MAX_USES) return { status: 404, body: { ok: false, error: 'used_url' } };
      if (body === null || typeof body !== 'object') return { status: 400, body: 'invalid_payload' };
      url.uses += 1;
      try {
        return responses.show(url.conversation, { ...body }) ? { body: 'ok' } : { status: 400, body: 'no_text' };
      } catch (error) {
        if (error instanceof SlackError) return { status: 400, body: error.code };
        throw error;
      }
    },

    show(conversation, answer) {
      const blocks = parseBlocks(answer.blocks);
      const text = typeof answer.text === 'string' ? answer.text : '';
      if (text === '' && !blocks?.length) return answer.delete_original === true;
      const content = { text, ...(blocks && { blocks }) };
      if (answer.response_type !== 'in_channel') timeline.whisper(conversation, content, answer, workspace.bot.id);
      else timeline.post(conversation, composeBotPost(workspace, content), answer);
      return true;
    },
  };
  return responses;
}
