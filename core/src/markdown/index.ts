export { splitMarkdown } from './split.ts';
