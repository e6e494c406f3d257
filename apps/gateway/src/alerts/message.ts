import type { Alert, AlertGroup } from './schema.ts';

const ALERTS_SHOWN = 10;
const CHARACTERS_SHOWN = 300;
const MARKS: Record<string, string> = { critical: '🔴', warning: '🟡' };
const RESOLVED_MARK = '🟢';

/**
 * Markdown that needs no language: Alertmanager's own words, marks, and what the alerts say of themselves. Those that
 * fire come first.
 */
export function alertMessage({ status, alerts, truncatedAlerts }: AlertGroup): string {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const shown = [...firing, ...alerts.filter((alert) => alert.status === 'resolved')].slice(0, ALERTS_SHOWN);
  const more = alerts.length + truncatedAlerts - shown.length;
  const count = status === 'firing' ? firing.length : alerts.length;
  const title = `**${status.toUpperCase()}${count > 1 ? ` × ${count}` : ''}**`;
  return [title, ...shown.map(line), ...(more > 0 ? [`… + ${more}`] : [])].join('\n\n');
}

function line({ status, labels, annotations }: Alert): string {
  const { alertname = '?', severity } = labels;
  const mark = status === 'resolved' ? RESOLVED_MARK : (MARKS[severity ?? ''] ?? '⚪');
  const name = severity === undefined ? plain(alertname) : `${plain(alertname)} · ${plain(severity)}`;
  const said = plain(annotations.summary ?? annotations.description ?? '');
  const runbook = status === 'firing' ? linkOf(annotations.runbook_url) : undefined;
  return [`${mark} **${name}**`, said, runbook].filter(Boolean).join('\n');
}

/**
 * What alerts say comes from labels that anybody may have chosen: as text, never as markup. Not every platform knows
 * escapes, so what could be markup goes.
 */
function plain(text: string): string {
  const bare = text
    .replace(/[\\`*~<>#|]/g, ' ')
    .replaceAll('[', '(')
    .replaceAll(']', ')');
  const oneLine = bare.replace(/\s+/g, ' ').trim();
  return oneLine.length > CHARACTERS_SHOWN ? `${oneLine.slice(0, CHARACTERS_SHOWN).toWellFormed()}…` : oneLine;
}

function linkOf(address: string | undefined): string | undefined {
  const url = URL.parse(address ?? '');
  if (!url || !/^https?:$/.test(url.protocol) || url.href.length > CHARACTERS_SHOWN) return undefined;
  return `[runbook](${url.href.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}
