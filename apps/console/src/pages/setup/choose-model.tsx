import { Button, Form, Segmented, Select } from 'antd';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ModelConfig } from '../../api/types.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { QuickModel } from '../models/quick-model.tsx';

const useText = texts({
  title: ['Which model answers?', '由哪个模型回答？'],
  hint: ['The first of the tenant; others can follow as fallback.', '作为该租户的首选模型，其余可作为备用。'],
  existing: ['One that is there', '使用已有模型'],
  fresh: ['Add one', '添加模型'],
  how: ['Model', '模型'],
  use: ['Use this model', '使用此模型'],
  back: ['Back', '上一步'],
  none: ['There is no model yet', '还没有模型'],
  readOnly: [
    'This tenant comes from the configuration file, so its models are chosen there.',
    '该租户来自配置文件，请在文件中选择模型。',
  ],
  next: ['Continue', '继续'],
});

interface Props {
  tenant: string;
  back: () => void;
  next: () => void;
}

export function ChooseModel({ tenant, back, next }: Props) {
  const t = useText();
  const { can } = useSession();
  const models = useGet('/models');
  const owner = useGet(`/tenants/${seg(tenant)}`);
  const { send, busy } = useSend();
  const [way, setWay] = useState<'existing' | 'fresh'>();

  const use = async (id: string) => {
    const { data, etag } = owner.data ?? {};
    if (!data || data.read_only) return next();
    const others = (data.config.models ?? []).filter((other) => other !== id);
    const sent = await send('PUT', `/tenants/${seg(tenant)}`, {
      body: { config: { ...data.config, models: [id, ...others] } },
      etag,
      refresh: ['/tenants', '/models', '/config'],
      onStale: owner.refetch,
    });
    if (sent.ok) next();
  };
  return (
    <Panel title={t.title} hint={t.hint}>
      <Loaded of={models}>
        {({ items }) => {
          const chosen = way ?? (items.length > 0 ? 'existing' : 'fresh');
          const preferred = owner.data?.data.config.models?.[0] ?? items[0]?.id;
          return (
            <div className="stack">
              {owner.data?.data.read_only && (
                <Notice tone="accent" action={<Button onClick={next}>{t.next}</Button>}>
                  {t.readOnly}
                </Notice>
              )}
              {can('model:write') && (
                <Segmented
                  aria-label={t.how}
                  value={chosen}
                  onChange={setWay}
                  options={[
                    { value: 'existing', label: t.existing, disabled: items.length === 0 },
                    { value: 'fresh', label: t.fresh },
                  ]}
                />
              )}
              {chosen === 'existing' ? (
                <Form
                  layout="vertical"
                  initialValues={{ model: preferred }}
                  onFinish={({ model }: { model: string }) => use(model)}
                >
                  <Form.Item name="model" label={t.how} rules={[{ required: true, message: t.none }]}>
                    <Select
                      options={items.map(({ id, config }) => ({ value: id, label: `${id} · ${config.provider}` }))}
                    />
                  </Form.Item>
                  <div className="row">
                    <Button type="primary" htmlType="submit" loading={busy}>
                      {t.use}
                    </Button>
                    <Button onClick={back}>{t.back}</Button>
                  </div>
                </Form>
              ) : (
                <QuickModel saved={(config: ModelConfig) => void use(config.id)} />
              )}
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}
