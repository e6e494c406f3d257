import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ChannelConfig, ChannelEntry, CheckResult, Platform } from '../../api/types.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { Panel } from '../../components/page.tsx';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { asChannel } from '../channels/as-channel.ts';
import { CheckSteps } from '../channels/check-steps.tsx';
import { CredentialFields } from '../channels/credentials.tsx';
import { SetupGuide } from '../channels/setup-guide.tsx';

const useText = texts({
  title: ['Credentials', '凭据'],
  hint: ['Stored encrypted; never shown again.', '加密保存，之后不再显示。'],
  id: ['Name of the channel', '渠道名称'],
  idHint: ['Stands in the webhook URL: letters, digits, . _ -', '会出现在 Webhook 地址中：字母、数字、. _ -'],
  idRule: [
    '1–64 letters, digits, . _ - that begin with a letter or digit',
    '1–64 个字母、数字或 . _ -，以字母或数字开头',
  ],
  tenant: ['Tenant', '租户'],
  base: ['Another address of the platform’s API', '平台 API 的其他地址'],
  baseHint: [
    'https://open.larksuite.com for Lark; else for a proxy or a simulator. Empty: the platform’s own.',
    'Lark 请填写 https://open.larksuite.com；也可填写代理或模拟器地址，留空使用平台默认地址。',
  ],
  check: ['Check and continue', '检查并继续'],
  anyway: ['Save anyway', '仍然保存'],
  failed: ['The check did not pass', '检查未通过'],
  failedWhy: [
    'Correct what is wrong and check again. Nothing has been saved.',
    '请修正后重新检查，目前没有保存任何内容。',
  ],
  back: ['Back', '上一步'],
  how: ['Where do I find these?', '在哪里获取？'],
});

const ID = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;

interface Props {
  platform: Platform;
  back: () => void;
  saved: (entry: ChannelEntry) => void;
}

/** The credentials are tried on the live platform before anything is saved. */
export function Credentials({ platform, back, saved }: Props) {
  const t = useText();
  const { me, tenant, can } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<ChannelConfig>();
  const [result, setResult] = useState<CheckResult>();
  const transport = Form.useWatch('transport', form) ?? (platform === 'telegram' ? 'polling' : 'socket');
  const id = Form.useWatch('id', form) ?? platform;
  const tenants = me.tenants.filter((one) => can('channel:write', one.id));
  const first = tenant ?? tenants[0]?.id;

  const configOf = (values: ChannelConfig) => asChannel({ ...values, platform });
  const save = async (values: ChannelConfig) => {
    const sent = await send('POST', '/channels', {
      body: { config: configOf(values) },
      refresh: ['/channels', '/me'],
      creates: true,
    });
    if (sent.ok) saved(sent.data);
    else applyFieldErrors(form, sent.error);
  };
  const check = async (values: ChannelConfig) => {
    const sent = await send('POST', '/channels/check', { body: { config: configOf(values) } });
    if (!sent.ok) return applyFieldErrors(form, sent.error);
    setResult(sent.data);
    if (sent.data.ok) await save(values);
  };
  return (
    <div className="stack">
      <Form<ChannelConfig>
        form={form}
        layout="vertical"
        initialValues={{
          id: platform,
          tenant: first,
          transport: platform === 'telegram' ? 'polling' : 'socket',
          credentials: {},
        }}
        onFinish={check}
        scrollToFirstError
      >
        <Panel title={t.title} hint={t.hint}>
          <div className="grid" style={{ gap: '0 16px' }}>
            <Form.Item
              name="id"
              label={t.id}
              extra={t.idHint}
              rules={[{ required: true, pattern: ID, message: t.idRule }]}
            >
              <Input spellCheck={false} autoComplete="off" />
            </Form.Item>
            <Form.Item name="tenant" label={t.tenant} rules={[{ required: true }]}>
              <Select options={tenants.map((one) => ({ value: one.id, label: one.name }))} />
            </Form.Item>
          </div>
          <CredentialFields platform={platform} transport={transport} />
          <Form.Item name="api_base_url" label={t.base} extra={t.baseHint}>
            <Input inputMode="url" />
          </Form.Item>
          <div className="stack">
            {result && <CheckSteps result={result} />}
            {result?.ok === false && (
              <Notice
                tone="bad"
                title={t.failed}
                live
                action={
                  <Button size="small" onClick={() => void save(form.getFieldsValue(true))}>
                    {t.anyway}
                  </Button>
                }
              >
                {t.failedWhy}
              </Notice>
            )}
            <div className="row">
              <Button type="primary" htmlType="submit" loading={busy}>
                {t.check}
              </Button>
              <Button onClick={back}>{t.back}</Button>
            </div>
          </div>
        </Panel>
      </Form>
      <details open>
        <summary className="muted" style={{ cursor: 'pointer', marginBottom: 12 }}>
          {t.how}
        </summary>
        <SetupGuide platform={platform} channel={ID.test(id) ? id : platform} transport={transport} />
      </details>
    </div>
  );
}
