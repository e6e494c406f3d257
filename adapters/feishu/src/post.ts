import type { Attachment } from '@parley/core/message';
import { z } from 'zod';
import type { Content } from './content.ts';

const text = z.string().catch('');
const element = z.object({
  tag: text,
  text,
  href: text,
  language: text,
  /** In events `@_user_1`, the key of a mention. */
  user_id: text,
  user_name: text,
  image_key: text,
  file_key: text,
  emoji_type: text,
});
const body = z.object({ title: text, content: z.array(z.array(element).catch([])).catch([]) });

/**
 * A rich text message (`post`) as readable markdown: a line per paragraph, links and code kept, styles dropped, pictures
 * and videos as attachments.
 */
export function readPost(raw: unknown): Content {
  const { title, content } = body.parse(localized(raw));
  const attachments: Attachment[] = [];
  const lines = content.map((paragraph) => paragraph.map((part) => render(part, attachments)).join(''));
  return { text: [title, ...lines].join('\n').trim(), attachments };
}

/** Events carry one language at the top; the form that is sent has one object per locale. */
function localized(raw: unknown): object {
  if (typeof raw !== 'object' || raw === null) return {};
  if ('content' in raw || 'title' in raw) return raw;
  const first: unknown = Object.values(raw)[0];
  return typeof first === 'object' && first !== null ? first : {};
}

function render(part: z.output<typeof element>, attachments: Attachment[]): string {
  switch (part.tag) {
    case 'a':
      return part.href === '' || part.href === part.text ? part.text : `[${part.text || part.href}](${part.href})`;
    case 'at':
      if (part.user_id === 'all' || part.user_id === '@_all') return '@_all';
      return part.user_id.startsWith('@_') ? part.user_id : `@${part.user_name}`;
    case 'img':
      if (part.image_key !== '') attachments.push({ id: part.image_key, kind: 'image' });
      return '';
    case 'media':
      if (part.file_key !== '') attachments.push({ id: part.file_key, kind: 'video' });
      return '';
    case 'emotion':
      return part.emoji_type === '' ? '' : `:${part.emoji_type}:`;
    case 'code_block':
      return `\n\`\`\`${part.language.toLowerCase()}\n${part.text.replace(/\n$/, '')}\n\`\`\`\n`;
    case 'hr':
      return '---';
    default:
      return part.text;
  }
}
