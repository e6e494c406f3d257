import { Button, Form, InputNumber } from 'antd';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ApiSettings, SettingsEntry } from '../../api/types.ts';
import { type Editing, useEditing } from '../../components/form/editing.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { prune } from '../../components/form/prune.ts';
import { Words } from '../../components/form/words.tsx';
import { OriginNotice } from '../../components/origin.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  cors: ['Web pages that may call the API', '允许调用 API 的网页来源'],
  corsHint: [
    'Origins such as https://chat.example; * for any. Empty: none.',
    '例如 https://chat.example；* 表示任意；留空表示不允许。',
  ],
  ip: ['Requests without a valid key, per IP address', '同一 IP 无有效密钥的请求'],
  requests: ['At most', '最多'],
  window: ['In so many seconds', '时间窗口（秒）'],
  save: ['Save', '保存'],
  saved: ['Saved; in use within a second', '已保存，一秒内生效'],
});

export function ApiSettingsForm() {
  const answer = useGet('/settings');
  const editing = useEditing(answer);
  return (
    <Loaded of={answer}>
      {() => editing.base && <SettingsForm key={editing.version} entry={editing.base.data} editing={editing} />}
    </Loaded>
  );
}

function SettingsForm({ entry, editing }: { entry: SettingsEntry; editing: Editing<SettingsEntry> }) {
  const t = useText();
  const { can } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<ApiSettings>();
  const mayWrite = can('settings:write') && !entry.read_only;
  const save = async (values: ApiSettings) => {
    const sent = await send('PUT', '/settings', {
      body: { api: prune(values) },
      etag: editing.base?.etag,
      success: t.saved,
      refresh: ['/settings', '/config'],
      onStale: editing.reload,
    });
    if (sent.ok) await editing.reload();
    else applyFieldErrors(form, sent.error);
  };
  return (
    <Panel>
      <OriginNotice origin={entry.origin} readOnly={entry.read_only} needs="settings:write" />
      <Form<ApiSettings>
        form={form}
        layout="vertical"
        requiredMark={false}
        disabled={!mayWrite}
        initialValues={entry.api}
        onFinish={save}
        style={{ maxWidth: 640 }}
      >
        <Form.Item name="cors_origins" label={t.cors} extra={t.corsHint}>
          <Words placeholder="https://chat.example" />
        </Form.Item>
        <fieldset style={{ margin: 0, padding: 0, border: 0 }}>
          <legend style={{ padding: '0 0 6px' }}>{t.ip}</legend>
          <div className="grid" style={{ '--min': '160px', gap: '0 16px' } as React.CSSProperties}>
            <Form.Item name={['ip_limit', 'requests']} label={t.requests}>
              <InputNumber min={1} precision={0} style={{ width: '100%' }} />
            </Form.Item>
            <Form.Item name={['ip_limit', 'window_seconds']} label={t.window}>
              <InputNumber min={1} max={86_400} precision={0} style={{ width: '100%' }} />
            </Form.Item>
          </div>
        </fieldset>
        {mayWrite && (
          <Button type="primary" htmlType="submit" loading={busy}>
            {t.save}
          </Button>
        )}
      </Form>
    </Panel>
  );
}
