import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import type { CheckResult } from '../../api/types.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({ ok: ['Passed', '通过'], failed: ['Failed', '未通过'] });

/** The outcome of a live check, step by step. */
export function CheckSteps({ result }: { result: CheckResult }) {
  const t = useText();
  return (
    <ul className="check-list" role="status">
      {result.steps.map(({ name, ok, message }) => (
        <li key={name}>
          {ok ? (
            <CheckCircleFilled className="good" aria-label={t.ok} style={{ marginTop: 4 }} />
          ) : (
            <CloseCircleFilled className="bad" aria-label={t.failed} style={{ marginTop: 4 }} />
          )}
          <div>
            <strong>{name}</strong>
            <div className="muted pre">{message}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}
