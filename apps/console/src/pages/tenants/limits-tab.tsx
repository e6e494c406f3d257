import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Collapse, Form, Select } from 'antd';
import { PLATFORMS } from '../../api/types.ts';
import { LimitFields } from '../../components/form/limits.tsx';
import { usePlatformName } from '../../components/platform.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  lead: [
    'Empty fields limit nothing. Tokens count input and output together.',
    '留空表示不限；token 为输入与输出之和。',
  ],
  limits: ['The whole tenant', '整个租户'],
  user: ['Each person on each platform', '每个平台上的每个用户'],
  group: ['Each group chat', '每个群聊'],
  model: ['Models', '按模型'],
  platform: ['Platforms', '按平台'],
  name: ['For', '对象'],
  add: ['Add', '添加'],
  remove: ['Remove', '移除'],
});

/** Requests and tokens a minute, an hour, a day: of the tenant, its people, groups, models and platforms. */
export function LimitsTab({ models }: { models: readonly string[] }) {
  const t = useText();
  const platformName = usePlatformName();
  const section = (key: string, label: string, children: React.ReactNode) => ({
    key,
    label,
    children,
    forceRender: true,
  });
  return (
    <div className="stack">
      <p className="muted">{t.lead}</p>
      <Collapse
        defaultActiveKey={['limits', 'user']}
        items={[
          section('limits', t.limits, <LimitFields name={['limits']} />),
          section('user', t.user, <LimitFields name={['user_limits']} />),
          section('group', t.group, <LimitFields name={['group_limits']} />),
          section(
            'model',
            t.model,
            <NamedLimits name="model_limits" options={models.map((value) => ({ value, label: value }))} />,
          ),
          section(
            'platform',
            t.platform,
            <NamedLimits
              name="platform_limits"
              options={[...PLATFORMS, 'api'].map((value) => ({ value, label: platformName(value) }))}
            />,
          ),
        ]}
      />
    </div>
  );
}

function NamedLimits({ name, options }: { name: string; options: { value: string; label: string }[] }) {
  const t = useText();
  return (
    <Form.List name={name}>
      {(fields, { add, remove }) => (
        <div className="stack">
          {fields.map((field) => (
            <div key={field.key} className="card" style={{ padding: 16 }}>
              <div className="row nowrap" style={{ alignItems: 'flex-end', marginBottom: 12 }}>
                <Form.Item
                  name={[field.name, 'name']}
                  label={t.name}
                  className="grow"
                  style={{ margin: 0 }}
                  rules={[{ required: true }]}
                >
                  <Select options={options} />
                </Form.Item>
                <Button
                  icon={<DeleteOutlined aria-hidden />}
                  aria-label={t.remove}
                  onClick={() => remove(field.name)}
                />
              </div>
              <LimitFields name={[field.name, 'windows']} />
            </div>
          ))}
          <div>
            <Button icon={<PlusOutlined aria-hidden />} onClick={() => add({})}>
              {t.add}
            </Button>
          </div>
        </div>
      )}
    </Form.List>
  );
}
