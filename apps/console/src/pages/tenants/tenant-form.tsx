import { Button, Form, type FormInstance } from 'antd';
import { useNavigate } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { TenantEntry } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import type { Editing } from '../../components/form/editing.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { revealFirst } from '../../components/form/reveal.ts';
import { OriginNotice } from '../../components/origin.tsx';
import { Panel } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { texts } from '../../i18n/texts.ts';
import { AnswerFields } from './answer-fields.tsx';
import { BudgetFields } from './budget-fields.tsx';
import { LimitsTab } from './limits-tab.tsx';
import { RecordFields } from './record-fields.tsx';
import { type TenantValues, toConfig, toValues } from './values.ts';

const useText = texts({
  answers: ['Answers', '回答'],
  limits: ['Limits', '限额'],
  budget: ['Budget & warnings', '预算与告警'],
  records: ['Records & privacy', '记录与隐私'],
  save: ['Save', '保存'],
  saved: ['Saved; in use within a second', '已保存，一秒内生效'],
  remove: ['Remove this tenant', '删除此租户'],
  removeWhy: [
    'Its channels must be removed first. Records stay until their retention ends.',
    '请先删除其渠道。记录会保留到期满为止。',
  ],
  removed: ['Removed', '已删除'],
});

/** What the ids of its fields begin with. */
const FORM = 'tenant';

const DEFAULTS: TenantValues = {
  id: '',
  models: [],
  session: { scope: 'chat', turns: 5, ttl_seconds: 1800 },
  timezone: 'UTC',
  transcripts: { keep: true, days: 30 },
  audit: { days: 30 },
  turns: { days: 400 },
  ledger: { days: 800 },
  log_prompts: false,
  fallback_when_filtered: false,
};

/** Everything a tenant's configuration can say. Without `editing` it makes a new one. */
export function TenantForm({ editing }: { editing?: Editing<TenantEntry> }) {
  const t = useText();
  const { can, reload } = useSession();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const { send, busy } = useSend();
  const [form] = Form.useForm<TenantValues>();
  const entry = editing?.base?.data;
  const models = useGet('/models', {}, { enabled: can('model:read') });
  const channels = useGet('/channels', { tenant: entry?.id }, { enabled: can('channel:read') && entry !== undefined });
  const mayWrite = can('tenant:write', entry?.id) && !entry?.read_only;
  const refresh = ['/tenants', '/models', '/quota', '/config'];
  const modelIds = models.data?.data.items.map(({ id }) => id) ?? [];
  const channelIds = channels.data?.data.items.map(({ id }) => id) ?? [];

  const save = async () => {
    // Fields of a tab that was never opened are not mounted; their values are in the store all the same.
    const config = toConfig({ ...form.getFieldsValue(true), ...(entry ? { id: entry.id } : {}) });
    const sent = entry
      ? await send('PUT', `/tenants/${seg(entry.id)}`, {
          body: { config },
          etag: editing.base?.etag,
          success: t.saved,
          refresh,
          onStale: editing.reload,
        })
      : await send('POST', '/tenants', { body: { config }, success: t.saved, refresh, creates: true });
    if (!sent.ok) return revealFirst(FORM, applyFieldErrors(form, sent.error));
    await reload();
    if (editing) await editing.reload();
    else await navigate(`/tenants/${seg(config.id)}`);
  };
  const remove = () =>
    confirm({
      title: t.remove,
      content: t.removeWhy,
      ok: t.remove,
      run: async () => {
        const sent = await send('DELETE', `/tenants/${seg(entry?.id ?? '')}`, {
          etag: editing?.base?.etag,
          success: t.removed,
          refresh,
        });
        if (!sent.ok) return;
        await reload();
        await navigate('/tenants');
      },
    });
  const tab = (key: string, label: string, children: React.ReactNode) => ({
    key,
    label,
    children: <Panel>{children}</Panel>,
  });
  return (
    <Form<TenantValues>
      name={FORM}
      form={form}
      layout="vertical"
      disabled={!mayWrite}
      initialValues={entry ? { ...DEFAULTS, ...toValues(entry.config) } : DEFAULTS}
      onFinish={save}
      onFinishFailed={({ errorFields }) =>
        revealFirst(
          FORM,
          errorFields.map(({ name }) => name),
        )
      }
    >
      <div className="stack">
        {entry && (
          <OriginNotice origin={entry.origin} readOnly={entry.read_only} needs="tenant:write" tenant={entry.id} />
        )}
        <PageTabs
          eager
          items={[
            tab('answers', t.answers, <AnswerFields form={form as FormInstance} models={modelIds} isNew={!entry} />),
            tab('limits', t.limits, <LimitsTab models={modelIds} />),
            tab(
              'budget',
              t.budget,
              <BudgetFields form={form as FormInstance} models={modelIds} channels={channelIds} />,
            ),
            tab('records', t.records, <RecordFields />),
          ]}
        />
        {mayWrite && (
          <div className="row spread">
            <Button type="primary" htmlType="submit" loading={busy}>
              {t.save}
            </Button>
            {entry && (
              <Button danger onClick={remove}>
                {t.remove}
              </Button>
            )}
          </div>
        )}
      </div>
    </Form>
  );
}
