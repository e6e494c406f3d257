import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, InfoCircleFilled } from '@ant-design/icons';
import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'accent' | 'plain';

/** A dot and a word; never the colour alone. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`status is-${tone}`}>{children}</span>;
}

export function Badge({ tone = 'plain', children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return (
    <span className={`badge is-${tone}`} title={title}>
      {children}
    </span>
  );
}

const ICONS = {
  good: CheckCircleFilled,
  warn: ExclamationCircleFilled,
  bad: CloseCircleFilled,
  busy: InfoCircleFilled,
  accent: InfoCircleFilled,
  plain: InfoCircleFilled,
};

/** A sentence or two that must not be overlooked. */
export function Notice({
  tone,
  title,
  children,
  action,
  live,
}: {
  tone: Tone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  live?: boolean;
}) {
  const Icon = ICONS[tone];
  return (
    <div className={`notice is-${tone}`} role={live ? 'alert' : undefined}>
      <Icon aria-hidden className={tone === 'busy' || tone === 'plain' ? 'faint' : tone === 'accent' ? '' : tone} />
      <div className="grow stack tight">
        {title && <strong>{title}</strong>}
        {children && <div>{children}</div>}
        {action && <div className="row">{action}</div>}
      </div>
    </div>
  );
}
