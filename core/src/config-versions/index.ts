export { type Difference, differences } from './difference.ts';
export { type ConfigEditor, createConfigEditor, type Edited, type EditorOptions } from './editor.ts';
export { CONFIG_CHANNEL, type Follower, followVersions } from './follow.ts';
export { resealSecrets, showSecrets } from './secrets.ts';
export {
  type ConfigVersions,
  createConfigVersions,
  type Expected,
  type Version,
  type VersionInfo,
} from './versions.ts';
