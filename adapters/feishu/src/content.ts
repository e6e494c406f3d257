import type { Attachment } from '@parley/core/message';
import { z } from 'zod';
import { readPost } from './post.ts';

/** What a message says, with mentions still as `@_user_1` placeholders. */
export interface Content {
  text: string;
  attachments: Attachment[];
}

const text = z.string().catch('');
const key = z.string().min(1).optional().catch(undefined);
const fields = z.object({
  text,
  image_key: key,
  file_key: key,
  file_name: key,
  name: text,
  topic: text,
  summary: text,
});

/**
 * Reads `message.content`, a JSON string whose shape depends on `message.message_type`
 * (https://open.feishu.cn/document/server-docs/im-v1/message-content-description/message_content).
 * Never throws: a shape that is not known yet is an empty message, not a reason for Feishu to deliver it again.
 */
export function readContent(type: string, json: string): Content {
  const raw = parse(json);
  const content = fields.parse(typeof raw === 'object' && raw !== null ? raw : {});
  switch (type) {
    case 'text':
      return { text: content.text, attachments: [] };
    case 'post':
      return readPost(raw);
    case 'image':
      return file('image', content.image_key);
    case 'file':
      return file('file', content.file_key, content.file_name);
    case 'folder':
      return says(`[folder] ${content.file_name ?? ''}`);
    case 'audio':
      return file('audio', content.file_key);
    case 'media':
    case 'video':
      return file('video', content.file_key, content.file_name);
    case 'sticker':
      return file('sticker', content.file_key);
    case 'interactive':
      return says(`[card] ${cardText(raw).join('\n')}`);
    case 'location':
      return says(`[location] ${content.name}`);
    case 'share_calendar_event':
    case 'calendar':
    case 'general_calendar':
      return says(`[calendar event] ${content.summary}`);
    case 'video_chat':
      return says(`[video meeting] ${content.topic}`);
    case 'vote':
      return says(`[vote] ${content.topic}`);
    case 'share_chat':
      return says('[shared chat]');
    case 'share_user':
      return says('[shared contact]');
    case 'merge_forward':
      return says('[forwarded messages]');
    case 'todo':
      return says('[task]');
    default:
      return says(content.text);
  }
}

function file(kind: Attachment['kind'], id: string | undefined, name?: string): Content {
  return { text: '', attachments: id === undefined ? [] : [{ id, kind, name }] };
}

function says(line: string): Content {
  return { text: line.trim(), attachments: [] };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** A card nests what people read at any depth; the bound keeps a hostile one from costing stack. */
const MAX_CARD_DEPTH = 12;

/** The readable pieces of a card somebody forwarded: events give it as rows of `{tag, text}` under `elements`. */
function cardText(node: unknown, depth = 0): string[] {
  if (depth > MAX_CARD_DEPTH || typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((child) => cardText(child, depth + 1));
  const own = ['title', 'text', 'content'].flatMap((name) => {
    const value: unknown = Reflect.get(node, name);
    return typeof value === 'string' && value.trim() !== '' ? [value] : cardText(value, depth + 1);
  });
  const nested = ['header', 'body', 'elements', 'fields', 'columns', 'actions'].flatMap((name) =>
    cardText(Reflect.get(node, name), depth + 1),
  );
  return [...own, ...nested];
}
