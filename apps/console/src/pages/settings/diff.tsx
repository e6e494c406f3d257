import { Modal, Select } from 'antd';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useGet, useList } from '../../api/hooks.ts';
import { Loaded, State } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: [(version: number) => `Version ${version}`, (version: number) => `版本 ${version}`],
  against: ['compared with', '对比版本'],
  same: ['They are the same', '没有差异'],
  before: ['before', '之前'],
  after: ['after', '之后'],
});

interface Props {
  version: number;
  active: number | undefined;
  close: () => void;
}

/** What changed from one version to another. */
export function Diff({ version, active, close }: Props) {
  const t = useText();
  const versions = useList('/config/versions');
  const [chosen, setChosen] = useState<number>();
  const older = versions.items.find((row) => row.version === version)?.based_on ?? undefined;
  const other = chosen ?? (version === active ? older : active) ?? version;
  return (
    <Modal open title={t.title(version)} footer={null} onCancel={close} width={760} destroyOnHidden>
      <div className="stack">
        <Select
          aria-label={t.against}
          prefix={t.against}
          value={other}
          onChange={setChosen}
          popupMatchSelectWidth={false}
          options={versions.items.map((row) => ({ value: row.version, label: t.title(row.version) }))}
        />
        <Changes version={version} other={other} />
      </div>
    </Modal>
  );
}

function Changes({ version, other }: { version: number; other: number }) {
  const t = useText();
  const answer = useGet(`/config/versions/${seg(String(version))}/diff`, { with: other });
  return (
    <Loaded of={answer}>
      {({ changes }) =>
        changes.length === 0 ? (
          <State title={t.same} />
        ) : (
          <ul className="stack">
            {changes.map(({ path, before, after }) => (
              <li key={path} className="stack tight">
                <span className="mono">{path}</span>
                {before !== undefined && before !== null && (
                  <Side tone="bad" sign="−" label={t.before} value={before} />
                )}
                {after !== undefined && after !== null && <Side tone="good" sign="+" label={t.after} value={after} />}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Side({ tone, sign, label, value }: { tone: 'good' | 'bad'; sign: string; label: string; value: unknown }) {
  return (
    <div className={`notice is-${tone}`} style={{ padding: '6px 12px', gap: 8 }}>
      <span className={tone} aria-hidden>
        {sign}
      </span>
      <span className="visually-hidden">{label}</span>
      <code className="pre mono">{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</code>
    </div>
  );
}
