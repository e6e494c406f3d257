export { healMarkdown } from './heal.ts';
export { lexMarkdown, type MarkdownToken } from './lex.ts';
export { plainText } from './plain.ts';
export { splitMarkdown } from './split.ts';
