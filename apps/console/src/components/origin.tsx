import type { Origin } from '../api/types.ts';
import { texts } from '../i18n/texts.ts';
import { Badge, Notice } from './status.tsx';

const useText = texts({
  file: ['From the file', '来自配置文件'],
  environment: ['From the environment', '来自环境变量'],
  console: ['Console', '控制台'],
  extra: ['Sandbox', '沙盒'],
  extraWhy: ['This belongs to the sandbox and goes with it.', '此项属于沙盒，随沙盒一起移除。'],
  readOnly: [
    'This comes from the configuration file and can only be changed there.',
    '此项来自配置文件，只能在文件中修改。',
  ],
  taken: [
    'This comes from environment variables. Saving a change makes it the console’s own.',
    '此项来自环境变量。保存修改后将由控制台接管。',
  ],
});

export function OriginBadge({ origin }: { origin: Origin }) {
  const t = useText();
  return <Badge>{t[origin]}</Badge>;
}

/** Says why something cannot be edited, or what editing it means. */
export function OriginNotice({ origin, readOnly }: { origin: Origin; readOnly: boolean }) {
  const t = useText();
  if (origin === 'extra') return <Notice tone="accent">{t.extraWhy}</Notice>;
  if (readOnly) return <Notice tone="accent">{t.readOnly}</Notice>;
  return origin === 'environment' ? <Notice tone="accent">{t.taken}</Notice> : null;
}
