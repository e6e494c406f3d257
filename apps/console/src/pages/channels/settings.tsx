import { Button, Form } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { seg } from '../../api/client.ts';
import { type Answer, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ChannelConfig, ChannelEntry, CheckResult } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { type Editing, useEditing } from '../../components/form/editing.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { OriginNotice } from '../../components/origin.tsx';
import { Panel } from '../../components/page.tsx';
import { texts } from '../../i18n/texts.ts';
import { asChannel } from './as-channel.ts';
import { BEHAVIOUR_DEFAULTS, BehaviourFields } from './behaviour.tsx';
import { CheckSteps } from './check-steps.tsx';
import { CredentialFields } from './credentials.tsx';

const useText = texts({
  access: ['Access to the platform', '平台凭据'],
  behaviour: ['When and how it answers', '回答方式'],
  save: ['Save', '保存'],
  saved: ['Saved; in use within a second', '已保存，一秒内生效'],
  check: ['Check before saving', '保存前检查'],
  remove: ['Remove this channel', '删除此渠道'],
  removeWhy: [
    'The bot stops answering at once. What it said stays in the records.',
    '机器人会立即停止回答，历史记录仍会保留。',
  ],
  removed: ['Removed', '已删除'],
});

export function ChannelSettings({ answer }: { answer: Answer<ChannelEntry> }) {
  const editing = useEditing(answer);
  return editing.base ? <ChannelForm key={editing.version} entry={editing.base.data} editing={editing} /> : null;
}

function ChannelForm({ entry, editing }: { entry: ChannelEntry; editing: Editing<ChannelEntry> }) {
  const t = useText();
  const { can } = useSession();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const { send, busy } = useSend();
  const [form] = Form.useForm<ChannelConfig>();
  const [result, setResult] = useState<CheckResult>();
  const transport = Form.useWatch('transport', form) ?? entry.config.transport ?? 'webhook';
  const { id, tenant, platform } = entry.config;
  const mayWrite = can('channel:write', tenant) && !entry.read_only;
  const path = `/channels/${seg(entry.id)}` as const;
  const configOf = (values: ChannelConfig) => asChannel({ ...values, id, tenant, platform });

  const save = async (values: ChannelConfig) => {
    const sent = await send('PUT', path, {
      body: { config: configOf(values) },
      etag: editing.base?.etag,
      success: t.saved,
      refresh: ['/channels', '/config'],
      onStale: editing.reload,
    });
    if (sent.ok) await editing.reload();
    else applyFieldErrors(form, sent.error);
  };
  const check = async () => {
    const sent = await send('POST', '/channels/check', {
      body: { config: configOf(form.getFieldsValue(true)) },
    });
    if (sent.ok) setResult(sent.data);
  };
  const remove = () =>
    confirm({
      title: t.remove,
      content: t.removeWhy,
      ok: t.remove,
      run: async () => {
        const sent = await send('DELETE', path, {
          etag: editing.base?.etag,
          success: t.removed,
          refresh: ['/channels'],
          onStale: editing.reload,
        });
        if (sent.ok) await navigate('/channels');
      },
    });
  return (
    <Form<ChannelConfig>
      name="channel"
      form={form}
      layout="vertical"
      disabled={!mayWrite}
      initialValues={{ ...BEHAVIOUR_DEFAULTS, transport: 'webhook', ...entry.config }}
      onFinish={save}
      scrollToFirstError
    >
      <div className="stack">
        <OriginNotice origin={entry.origin} readOnly={entry.read_only} needs="channel:write" tenant={tenant} />
        <Panel title={t.access}>
          <CredentialFields platform={platform} transport={transport} />
          {result && <CheckSteps result={result} />}
          {mayWrite && (
            <Button onClick={() => void check()} loading={busy}>
              {t.check}
            </Button>
          )}
        </Panel>
        <Panel title={t.behaviour}>
          <BehaviourFields />
        </Panel>
        {mayWrite && (
          <div className="row spread">
            <Button type="primary" htmlType="submit" loading={busy}>
              {t.save}
            </Button>
            <Button danger onClick={remove}>
              {t.remove}
            </Button>
          </div>
        )}
      </div>
    </Form>
  );
}
