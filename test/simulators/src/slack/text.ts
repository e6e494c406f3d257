/** Who and what a mention stands for; `undefined` shows the id. */
export interface Names {
  person(id: string): string | undefined;
  conversation(id: string): string | undefined;
}

/** What a person reads where mrkdwn was written: markup taken away, mentions by name, entities unescaped. */
export function renderMrkdwn(text: string, names: Names): string {
  return outsideCode(text, (part) => {
    const plain = part
      .replaceAll(/<([^<>\n]+)>/g, (_, token: string) => renderToken(token, names))
      .replaceAll(/(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])/g, '$1')
      .replaceAll(/(?<!\w)_(?=\S)([^_\n]*?\S)_(?!\w)/g, '$1')
      .replaceAll(/(?<![\w~])~(?=\S)([^~\n]*?\S)~(?![\w~])/g, '$1');
    return unescapeText(plain);
  });
}

/** What a person reads where standard Markdown was written (`markdown_text`, `markdown` blocks). */
export function renderMarkdown(text: string, names: Names): string {
  return outsideCode(text, (part) => {
    const plain = part
      .replaceAll(/^#{1,6}[ \t]+(.*?)[ \t]*#*$/gm, '$1')
      .replaceAll(/^([ \t]*)[-*+][ \t]+/gm, '$1• ')
      .replaceAll(/!?\[([^\]\n]*)\]\(([^()\s]+)(?:[ \t]+"[^"\n]*")?\)/g, '$1')
      .replaceAll(/(\*\*|__)(?=\S)(.+?)\1/g, '$2')
      .replaceAll(/(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])/g, '$1')
      .replaceAll(/(?<!\w)_(?=\S)([^_\n]*?\S)_(?!\w)/g, '$1')
      .replaceAll(/~~(?=\S)(.+?)~~/g, '$1')
      .replaceAll(/<([@#!][^<>\n]+|https?:[^<>\n]+)>/g, (_, token: string) => renderToken(token, names))
      .replaceAll(/\\([\\`*_{}[\]()#+\-.!>~|])/g, '$1');
    return unescapeText(plain);
  });
}

/** Escapes what a person typed the way Slack stores it; mentions written as `<@U…>` stay, links become `<…>`. */
export function escapeTyped(text: string): string {
  return text
    .split(/(<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+(?:\|[^>]*)?|![a-z]+)>)/)
    .map((part, index) => (index % 2 === 1 ? part : linkify(escapeText(part))))
    .join('');
}

/** Slack escapes three characters and no others. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function linkify(text: string): string {
  return text.replaceAll(/https?:\/\/[^\s<>]*[^\s<>.,;:!?)]/g, '<$&>');
}

function renderToken(token: string, names: Names): string {
  const [target = '', label] = token.split('|', 2);
  if (target.startsWith('@')) return `@${names.person(target.slice(1)) ?? label ?? target.slice(1)}`;
  if (target.startsWith('#')) return `#${names.conversation(target.slice(1)) ?? label ?? target.slice(1)}`;
  if (target.startsWith('!')) return label ?? `@${target.slice(1).split('^')[0]}`;
  return label ?? target.replace(/^mailto:/, '');
}

/** Applies `render` to everything but fenced and inline code, whose contents stand as they are. */
function outsideCode(text: string, render: (part: string) => string): string {
  return text
    .split(/(```[\s\S]*?```|`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? codeText(part) : render(part)))
    .join('');
}

function codeText(part: string): string {
  if (!part.startsWith('```')) return unescapeText(part.slice(1, -1));
  return unescapeText(part.slice(3, -3).replace(/^[\w+#-]*\n/, '')).replace(/\n$/, '');
}
