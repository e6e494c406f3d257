import { feishuError, invalidField, invalidParameter } from './errors.ts';
import { isObject, type JsonObject, parseObject, stringOf } from './json.ts';
import { renderMarkdown } from './markdown.ts';

/** The key that names the resource in messages which are one. */
const RESOURCE_KEYS: Readonly<Record<string, string>> = {
  image: 'image_key',
  file: 'file_key',
  audio: 'file_key',
  media: 'file_key',
  sticker: 'file_key',
  share_chat: 'chat_id',
  share_user: 'user_id',
};
const POST_TAGS = new Set(['text', 'a', 'at', 'img', 'media', 'emotion', 'hr', 'code_block', 'md']);
const MAX_TEXT_BYTES = 150 * 1024;
const MAX_RICH_BYTES = 30 * 1024;

/**
 * Checks `msg_type` and `content` of a message that is sent or edited and returns the content's object. `requestBytes` is
 * the size of the whole request body: that is what the published limits (150 KB text, 30 KB post and card) are about.
 * https://open.feishu.cn/document/server-docs/im-v1/message/create
 */
export function readContent(msgType: unknown, content: unknown, requestBytes: number): JsonObject {
  if (typeof msgType !== 'string' || msgType === '') throw invalidField('msg_type', 'msg_type is required');
  if (content === undefined || content === '') throw invalidField('content', 'content is required');
  if (typeof content !== 'string') {
    throw feishuError(
      9499,
      `Invalid parameter type in json: content. Invalid parameter value: ${JSON.stringify(content)}.`,
    );
  }
  if (!['text', 'post', 'interactive'].includes(msgType) && RESOURCE_KEYS[msgType] === undefined) {
    throw invalidParameter('invalid msg_type.');
  }
  const parsed = parseObject(content);
  if (parsed === undefined) throw invalidParameter('content is not a string in json format.');
  if (requestBytes > (msgType === 'text' ? MAX_TEXT_BYTES : MAX_RICH_BYTES)) throw feishuError(230025);
  checkContent(msgType, parsed);
  return parsed;
}

function checkContent(msgType: string, content: JsonObject): void {
  const key = RESOURCE_KEYS[msgType];
  if (key !== undefined && !stringOf(content[key])) throw invalidParameter(`invalid ${key}.`);
  if (msgType === 'text' && !stringOf(content.text)) throw invalidParameter('message content text is empty.');
  if (msgType !== 'post') return;
  const { paragraphs } = readPost(content);
  for (const node of paragraphs.flat()) {
    if (!isObject(node) || !POST_TAGS.has(String(node.tag)))
      throw invalidParameter('invalid message content, unknown tag.');
  }
}

/** The part of a post that readers of `zh_cn` (or else the first language there is) see. */
function readPost(content: JsonObject): { title: string; paragraphs: unknown[][] } {
  const languages = Object.values(content).filter(isObject);
  const post = Array.isArray(content.content) ? content : isObject(content.zh_cn) ? content.zh_cn : languages[0];
  if (post === undefined || !Array.isArray(post.content) || !post.content.every(Array.isArray)) {
    throw invalidParameter('invalid message content, post content is required.');
  }
  return { title: stringOf(post.title) ?? '', paragraphs: post.content };
}

/** A message that is no card as a person reads it. */
export function renderContent(msgType: string, content: JsonObject, nameOf: (id: string) => string): string {
  if (msgType === 'text') return renderText(stringOf(content.text) ?? '', nameOf);
  if (msgType !== 'post') return `[${msgType}${stringOf(content.file_name) ? `: ${content.file_name}` : ''}]`;
  const { title, paragraphs } = readPost(content);
  const lines = paragraphs.map((nodes) => nodes.map((node) => renderNode(node, nameOf)).join(''));
  return [title, ...lines].join('\n').trim();
}

/** Text messages know mentions, links and four styles, and no other markup. */
function renderText(text: string, nameOf: (id: string) => string): string {
  return text
    .replace(/<at\s+user_id="([^"]*)"\s*>.*?<\/at>/g, (_, id: string) => (id === 'all' ? '@all' : `@${nameOf(id)}`))
    .replace(/@_(?:user_\d+|all)/g, (key) => (key === '@_all' ? '@all' : `@${nameOf(key)}`))
    .replace(/<\/?[bius]>/g, '');
}

function renderNode(node: unknown, nameOf: (id: string) => string): string {
  if (!isObject(node)) return '';
  const text = stringOf(node.text) ?? '';
  switch (node.tag) {
    case 'md':
      return renderMarkdown(text, nameOf);
    case 'at':
      return node.user_id === 'all' ? '@all' : `@${nameOf(stringOf(node.user_id) ?? '')}`;
    case 'img':
    case 'media':
      return `[${node.tag === 'img' ? 'image' : 'video'}]`;
    case 'emotion':
      return `[${stringOf(node.emoji_type) ?? ''}]`;
    default:
      return text;
  }
}
