/** Text as it must stand in Telegram's HTML, inside and outside of attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** What a person sees of HTML that was escaped that way: Telegram counts this, not the tags. */
export function visibleText(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

/**
 * The text with a zero-width space behind the `@` of everything Telegram would take for a name: it links `@name` in any
 * text by itself and notifies whoever it is, and a model can be talked into writing one. Addresses and, in HTML, tags and
 * code stay as they are: Telegram looks for no names there.
 */
export function withoutPings(text: string, markup: 'html' | 'plain'): string {
  const pattern = markup === 'html' ? NAME_IN_HTML : NAME;
  return text.replace(pattern, (found) => (found === '@' ? '@\u200b' : found));
}

const NAME = /https?:\/\/[\w-]+\.\S*|(?<!\w)@(?=[a-z])/gi;
/** Telegram reads the text without its tags, so a name may begin behind some. */
const NAME_IN_HTML =
  /<pre>[\s\S]*?<\/pre>|<code>[\s\S]*?<\/code>|<[^>]*>|https?:\/\/[\w-]+\.[^\s<]*|(?<!\w)@(?=(?:<[^>]*>)*[a-z])/gi;
