import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, RightOutlined } from '@ant-design/icons';
import { Link } from 'react-router';
import type { Attention } from '../../api/types.ts';
import { Panel } from '../../components/page.tsx';
import { texts, useLanguage } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Needs attention', '需要关注'],
  fine: ['Everything is as it should be', '一切正常'],
  look: ['Look', '查看'],
  error: ['Error', '错误'],
  warning: ['Warning', '警告'],
});

/** What a person should look at, the worst first. */
export function AttentionList({ items }: { items: readonly Attention[] }) {
  const t = useText();
  const language = useLanguage();
  if (items.length === 0) {
    return (
      <div className="notice is-good">
        <CheckCircleFilled className="good" aria-hidden />
        <span>{t.fine}</span>
      </div>
    );
  }
  return (
    <Panel title={t.title} flush>
      <ul className="lines">
        {items.map(({ kind, severity, subject, message, link }) => (
          <li key={`${kind} ${subject}`} className="row nowrap" style={{ gap: 12 }}>
            {severity === 'error' ? (
              <CloseCircleFilled className="bad" aria-label={t.error} />
            ) : (
              <ExclamationCircleFilled className="warn" aria-label={t.warning} />
            )}
            <div className="grow">
              {!message[language].includes(subject) && <strong>{subject} </strong>}
              <span className="muted">{message[language]}</span>
            </div>
            {link && (
              <Link to={link} className="nowrap" aria-label={`${t.look}: ${subject}`}>
                {t.look} <RightOutlined aria-hidden style={{ fontSize: 11 }} />
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
