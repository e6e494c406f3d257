export { detectLanguage } from './detect.ts';
export { type HubTextKey, hubText } from './texts.ts';
