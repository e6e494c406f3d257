import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import type { DocumentBody } from '../../api/contract.ts';
import { useSend } from '../../api/hooks.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Edit as a document', '以文档方式编辑'],
  hint: [
    'The console’s part of the configuration, as JSON with the keys of the configuration file. Secrets stand as kept:… and stay unless replaced.',
    '控制台管理的配置，JSON 格式，键名与配置文件一致。密钥显示为 kept:…，不替换则保持不变。',
  ],
  document: ['Document', '文档'],
  comment: ['Comment', '说明'],
  check: ['Check', '检查'],
  save: ['Save as a draft', '保存为草稿'],
  saved: ['Saved as a draft; activate it in the list', '已保存为草稿，请在列表中激活'],
  ok: ['The document is valid', '文档有效'],
  mistakes: ['Mistakes', '错误'],
  notJson: ['This is not JSON', '不是有效的 JSON'],
});

interface Issue {
  path: string;
  message: string;
}

/** The whole document at once, checked before it becomes a draft. */
export function NewVersion({ document, close }: { document: unknown; close: () => void }) {
  const t = useText();
  const { send, busy } = useSend();
  const [form] = Form.useForm<{ text: string; comment?: string }>();
  const [result, setResult] = useState<{ ok: boolean; issues: Issue[] }>();

  const read = (): { document: DocumentBody } | undefined => {
    try {
      return { document: JSON.parse(form.getFieldValue('text')) };
    } catch (error) {
      setResult({ ok: false, issues: [{ path: t.notJson, message: error instanceof Error ? error.message : '' }] });
      return undefined;
    }
  };
  const check = async () => {
    const body = read();
    if (!body) return false;
    const sent = await send('POST', '/config/validate', { body });
    if (sent.ok) setResult(sent.data);
    return sent.ok && sent.data.ok;
  };
  const save = async ({ comment }: { comment?: string }) => {
    const body = read();
    if (!body || !(await check())) return;
    const sent = await send('POST', '/config/versions', {
      body: { ...body, ...(comment ? { comment } : {}) },
      success: t.saved,
      refresh: ['/config'],
      creates: true,
    });
    if (sent.ok) close();
  };
  return (
    <Modal
      open
      title={t.title}
      width={860}
      onCancel={close}
      destroyOnHidden
      footer={
        <>
          <Button loading={busy} onClick={() => void check()}>
            {t.check}
          </Button>
          <Button type="primary" loading={busy} onClick={() => form.submit()}>
            {t.save}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ text: JSON.stringify(document, null, 2) }}
        onFinish={save}
      >
        <Form.Item name="text" label={t.document} extra={t.hint}>
          <TextArea minRows={14} maxRows={22} className="mono" spellCheck={false} />
        </Form.Item>
        <Form.Item name="comment" label={t.comment}>
          <Input maxLength={500} />
        </Form.Item>
      </Form>
      {result && (
        <Notice tone={result.ok ? 'good' : 'bad'} title={result.ok ? t.ok : t.mistakes} live>
          <ul>
            {result.issues.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <span className="mono">{path}</span> {message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </Modal>
  );
}
