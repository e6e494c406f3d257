import { Button, Form } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { seg } from '../../api/client.ts';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ModelCheck, ModelConfig, ModelEntry } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import type { Editing } from '../../components/form/editing.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { prune } from '../../components/form/prune.ts';
import { OriginNotice } from '../../components/origin.tsx';
import { Notice } from '../../components/status.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { ModelFields } from './form-fields.tsx';

const useText = texts({
  save: ['Save', '保存'],
  saved: ['Saved; in use within a second', '已保存，一秒内生效'],
  check: ['Check before saving', '保存前检查'],
  works: [(time: string) => `The model answered in ${time}`, (time: string) => `模型已应答，用时 ${time}`],
  failed: ['The model did not answer', '模型没有应答'],
  remove: ['Remove this model', '删除此模型'],
  removeWhy: ['Tenants that have it in their chain must be changed first.', '请先从各租户的备用链中移除该模型。'],
  removed: ['Removed', '已删除'],
});

const DEFAULTS: Partial<ModelConfig> = {
  provider: 'openai',
  keys: [],
  endpoints: [],
  timeout_seconds: 30,
  max_output_tokens: 1024,
  max_concurrency: 256,
};

/** Creates a model, or changes the one that `editing` holds. */
export function ModelForm({ editing }: { editing?: Editing<ModelEntry> }) {
  const t = useText();
  const format = useFormat();
  const { can } = useSession();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const { send, busy } = useSend();
  const [form] = Form.useForm<ModelConfig>();
  const [check, setCheck] = useState<ModelCheck>();
  const entry = editing?.base?.data;
  const mayWrite = can('model:write') && !entry?.read_only;
  const refresh = ['/models', '/config'];

  const save = async (values: ModelConfig) => {
    const config = prune(values, ['price']);
    const sent = entry
      ? await send('PUT', `/models/${seg(entry.id)}`, {
          body: { config: { ...config, id: entry.id } },
          etag: editing.base?.etag,
          success: t.saved,
          refresh,
          onStale: editing.reload,
        })
      : await send('POST', '/models', { body: { config }, success: t.saved, refresh, creates: true });
    if (!sent.ok) return applyFieldErrors(form, sent.error);
    if (editing) await editing.reload();
    else await navigate(`/models/${seg(config.id)}`);
  };
  const tryIt = async () => {
    const values = await form.validateFields();
    const sent = await send('POST', '/models/check', { body: { config: prune(values, ['price']) } });
    if (sent.ok) setCheck(sent.data);
    else applyFieldErrors(form, sent.error);
  };
  const remove = () =>
    confirm({
      title: t.remove,
      content: t.removeWhy,
      ok: t.remove,
      run: async () => {
        const sent = await send('DELETE', `/models/${seg(entry?.id ?? '')}`, {
          etag: editing?.base?.etag,
          success: t.removed,
          refresh,
        });
        if (sent.ok) await navigate('/models');
      },
    });
  return (
    <Form<ModelConfig>
      form={form}
      layout="vertical"
      disabled={!mayWrite}
      initialValues={{ ...DEFAULTS, ...entry?.config }}
      onFinish={save}
      scrollToFirstError
    >
      <div className="stack">
        {entry && <OriginNotice origin={entry.origin} readOnly={entry.read_only} needs="model:write" />}
        <ModelFields form={form} isNew={!entry} />
        {check && (
          <Notice tone={check.ok ? 'good' : 'bad'} title={check.ok ? t.works(format.ms(check.ms)) : t.failed} live>
            {!check.ok && <span className="pre">{check.message}</span>}
          </Notice>
        )}
        {mayWrite && (
          <div className="row spread">
            <div className="row">
              <Button type="primary" htmlType="submit" loading={busy}>
                {t.save}
              </Button>
              <Button loading={busy} onClick={() => void tryIt()}>
                {t.check}
              </Button>
            </div>
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
