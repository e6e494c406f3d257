import { Button, Select } from 'antd';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ModelEntry, TenantEntry } from '../../api/types.ts';
import { type Editing, useEditing } from '../../components/form/editing.ts';
import { OriginNotice } from '../../components/origin.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { TenantChoice } from '../../components/tenant-choice.tsx';
import { useOneTenant } from '../../hooks/use-one-tenant.ts';
import { texts } from '../../i18n/texts.ts';
import { SortableModels } from './sortable-models.tsx';

const useText = texts({
  title: ['Fallback order', '备用顺序'],
  hint: [
    'The first model answers; the next one takes over when it fails. Drag, or focus a handle, press Space and use the arrow keys.',
    '由第一个模型回答，失败时由下一个接替。可拖动排序，或聚焦手柄后按空格并使用方向键。',
  ],
  add: ['Add a model to the chain', '加入模型'],
  save: ['Save the order', '保存顺序'],
  saved: ['Saved; in use within a second', '已保存，一秒内生效'],
});

/** The chain of models of one tenant, sorted by hand. */
export function FallbackOrder() {
  const t = useText();
  const [current, choose] = useOneTenant();
  if (current === undefined) return null;
  return (
    <Panel title={t.title} hint={t.hint} extra={<TenantChoice value={current} onChange={choose} />}>
      <Chain key={current} tenant={current} />
    </Panel>
  );
}

function Chain({ tenant }: { tenant: string }) {
  const answer = useGet(`/tenants/${seg(tenant)}`);
  const models = useGet('/models');
  const editing = useEditing(answer);
  return (
    <Loaded of={models}>
      {({ items }) =>
        editing.base && <ChainForm key={editing.version} entry={editing.base.data} models={items} editing={editing} />
      }
    </Loaded>
  );
}

interface ChainFormProps {
  entry: TenantEntry;
  models: readonly ModelEntry[];
  editing: Editing<TenantEntry>;
}

function ChainForm({ entry, models, editing }: ChainFormProps) {
  const t = useText();
  const { can } = useSession();
  const { send, busy } = useSend();
  const before = entry.config.models ?? [];
  const [order, setOrder] = useState(before);
  const mayWrite = can('tenant:write', entry.id) && !entry.read_only;
  const rest = models.filter(({ id }) => !order.includes(id));
  const save = async () => {
    const sent = await send('PUT', `/tenants/${seg(entry.id)}`, {
      body: { config: { ...entry.config, models: order } },
      etag: editing.base?.etag,
      success: t.saved,
      refresh: ['/tenants', '/models', '/config'],
      onStale: editing.reload,
    });
    if (sent.ok) await editing.reload();
  };
  return (
    <div className="stack">
      <OriginNotice origin={entry.origin} readOnly={entry.read_only} needs="tenant:write" tenant={entry.id} />
      <SortableModels order={order} models={models} onChange={setOrder} disabled={!mayWrite} />
      {mayWrite && (
        <div className="row">
          {rest.length > 0 && (
            <Select
              aria-label={t.add}
              placeholder={t.add}
              value={null}
              onChange={(id: string) => setOrder([...order, id])}
              style={{ minWidth: 220 }}
              options={rest.map(({ id }) => ({ value: id, label: id }))}
            />
          )}
          <Button
            type="primary"
            disabled={order.join('\n') === before.join('\n')}
            loading={busy}
            onClick={() => void save()}
          >
            {t.save}
          </Button>
        </div>
      )}
    </div>
  );
}
