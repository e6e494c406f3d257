import { useSession } from '../api/session.tsx';
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
  lacks: [
    (action: string) => `You may look at this and not change it. That needs the permission ${action}.`,
    (action: string) => `你只能查看，不能修改。修改需要权限 ${action}。`,
  ],
});

export function OriginBadge({ origin }: { origin: Origin }) {
  const t = useText();
  return <Badge>{t[origin]}</Badge>;
}

interface Needed {
  /** What one has to be allowed for a change, and where. */
  needs: string;
  tenant?: string | undefined;
}

interface Props extends Needed {
  origin: Origin;
  readOnly: boolean;
}

/** Says to whoever may only look why there is nothing to press. */
export function MayNotChange({ needs, tenant }: Needed) {
  const t = useText();
  const { can } = useSession();
  return can(needs, tenant) ? null : <Notice tone="accent">{t.lacks(needs)}</Notice>;
}

/** Says why something cannot be edited, or what editing it means. */
export function OriginNotice({ origin, readOnly, needs, tenant }: Props) {
  const t = useText();
  const { can } = useSession();
  if (origin === 'extra') return <Notice tone="accent">{t.extraWhy}</Notice>;
  if (readOnly) return <Notice tone="accent">{t.readOnly}</Notice>;
  if (!can(needs, tenant)) return <MayNotChange needs={needs} tenant={tenant} />;
  return origin === 'environment' ? <Notice tone="accent">{t.taken}</Notice> : null;
}
