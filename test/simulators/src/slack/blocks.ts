import { SlackError } from './error.ts';
import { type Names, renderMarkdown, renderMrkdwn } from './text.ts';
import type { Block } from './types.ts';

/** Block types a message may hold: https://docs.slack.dev/reference/block-kit/blocks */
const BLOCK_TYPES = new Set(
  'actions,alert,call,card,carousel,context,context_actions,divider,file,header,image,input,markdown,plan,rich_text,section,table,task_card,video'.split(
    ',',
  ),
);
const MAX_BLOCKS = 50;
const MAX_SECTION_TEXT = 3000;
const MAX_HEADER_TEXT = 150;
/** "The cumulative limit for all markdown blocks in a single payload is 12,000 characters." */
const MAX_MARKDOWN_TOTAL = 12_000;

/** Checks the `blocks` argument (an array, or its JSON in a form). `undefined` where there is none. */
export function parseBlocks(value: unknown): Block[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const blocks = typeof value === 'string' ? parseJson(value) : value;
  if (!Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  if (blocks.length > MAX_BLOCKS) {
    throw new SlackError('invalid_blocks', [`no more than ${MAX_BLOCKS} items allowed [json-pointer:/blocks]`]);
  }
  const problems = blocks.flatMap((block: unknown, index) => checkBlock(block, `/blocks/${index}`));
  if (problems.length > 0) throw new SlackError('invalid_blocks', problems);

  const checked = blocks as Block[];
  const markdown = checked.filter((block) => block.type === 'markdown').map((block) => String(block.text));
  if (markdown.join('').length > MAX_MARKDOWN_TOTAL) throw new SlackError('msg_blocks_too_long');
  return checked;
}

/** What a person reads in the blocks, one block under the other. */
export function renderBlocks(blocks: readonly Block[], names: Names): string {
  return blocks
    .map((block) => renderBlock(block, names))
    .filter((text) => text !== '')
    .join('\n');
}

function checkBlock(block: unknown, pointer: string): string[] {
  if (!isRecord(block)) return [`must be a valid object [json-pointer:${pointer}]`];
  if (typeof block.type !== 'string' || !BLOCK_TYPES.has(block.type)) {
    return [`unsupported type: ${String(block.type)} [json-pointer:${pointer}/type]`];
  }
  if (block.type === 'markdown' && typeof block.text !== 'string') {
    return [`missing required field: text [json-pointer:${pointer}]`];
  }
  if (block.type === 'section') return checkText(block.text, `${pointer}/text`, MAX_SECTION_TEXT, block.fields);
  if (block.type === 'header') return checkText(block.text, `${pointer}/text`, MAX_HEADER_TEXT, undefined);
  return [];
}

function checkText(text: unknown, pointer: string, limit: number, instead: unknown): string[] {
  if (text === undefined && instead !== undefined) return [];
  if (!isRecord(text) || typeof text.text !== 'string')
    return [`missing required field: text [json-pointer:${pointer}]`];
  if (text.text.length === 0) return [`must be more than 0 characters [json-pointer:${pointer}/text]`];
  if (text.text.length > limit) return [`must be less than ${limit + 1} characters [json-pointer:${pointer}/text]`];
  return [];
}

function renderBlock(block: Block, names: Names): string {
  switch (block.type) {
    case 'markdown':
      return renderMarkdown(String(block.text), names);
    case 'section':
      return [block.text, ...asArray(block.fields)].map((item) => renderTextObject(item, names)).join('\n');
    case 'header':
      return renderTextObject(block.text, names);
    case 'context':
      return asArray(block.elements)
        .map((item) => renderTextObject(item, names))
        .join(' ');
    case 'divider':
      return '———';
    case 'image':
      return `[image: ${String(block.alt_text ?? '')}]`;
    case 'actions':
      return asArray(block.elements)
        .map((item) => `[${isRecord(item) ? renderTextObject(item.text, names) : ''}]`)
        .join(' ');
    case 'rich_text':
      return asArray(block.elements)
        .map((item) => renderRichText(item, names))
        .join('\n');
    default:
      return `[${block.type}]`;
  }
}

function renderTextObject(value: unknown, names: Names): string {
  if (!isRecord(value) || typeof value.text !== 'string') return '';
  return value.type === 'mrkdwn' ? renderMrkdwn(value.text, names) : value.text;
}

function renderRichText(value: unknown, names: Names): string {
  if (!isRecord(value)) return '';
  switch (value.type) {
    case 'text':
      return String(value.text);
    case 'user':
      return `@${names.person(String(value.user_id)) ?? String(value.user_id)}`;
    case 'channel':
      return `#${names.conversation(String(value.channel_id)) ?? String(value.channel_id)}`;
    case 'link':
      return String(value.text ?? value.url);
    case 'emoji':
      return `:${String(value.name)}:`;
    case 'broadcast':
      return `@${String(value.range)}`;
    case 'rich_text_list':
      return asArray(value.elements)
        .map((item) => `• ${renderRichText(item, names)}`)
        .join('\n');
    default:
      return asArray(value.elements)
        .map((item) => renderRichText(item, names))
        .join('');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackError('invalid_blocks_format');
  }
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
