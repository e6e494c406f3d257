import { texts } from '../../i18n/texts.ts';

const useText = texts({
  tenant: [(id: string) => `Tenant ${id}`, (id: string) => `租户 ${id}`],
  channel: [(id: string) => `Channel ${id}`, (id: string) => `渠道 ${id}`],
  model: [(id: string) => `Model ${id}`, (id: string) => `模型 ${id}`],
  rules: [(tenant: string) => `Rules of ${tenant}`, (tenant: string) => `${tenant} 的规则`],
  guard: [(tenant: string) => `Guard of ${tenant}`, (tenant: string) => `${tenant} 的防护`],
  api: ['API settings changed', '修改 API 设置'],
  added: [(what: string) => `${what} added`, (what: string) => `新增${what}`],
  changed: [(what: string) => `${what} changed`, (what: string) => `修改${what}`],
  removed: [(what: string) => `${what} removed`, (what: string) => `删除${what}`],
});

const ENTRY = /^(tenant|channel|model) (\S+) (added|changed|removed)$/;
const OF_TENANT = /^(rules|guard) of (\S+) changed$/;

/** The comment of a version in the reader's language where the hub wrote it itself; else as somebody wrote it. */
export function useChangeWords(): (comment: string) => string {
  const t = useText();
  return (comment) => {
    const [, kind, id, how] = ENTRY.exec(comment) ?? [];
    if (kind && id && how) return t[how as 'added'](t[kind as 'tenant'](id));
    const [, list, tenant] = OF_TENANT.exec(comment) ?? [];
    if (list && tenant) return t.changed(t[list as 'rules'](tenant));
    return comment === 'API settings changed' ? t.api : comment;
  };
}
