import { Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Erase a person', '删除个人数据'],
  why: [
    'Removes what this person said and what was answered, everywhere it is kept. The audit log keeps that it happened. This cannot be undone.',
    '删除该用户的全部提问与回答。审计日志会保留此操作记录。此操作无法撤销。',
  ],
  tenant: ['Tenant', '租户'],
  user: ['The person’s pseudonym', '用户假名'],
  userHint: ['As it stands in turns and usage.', '见问答记录与用量页面。'],
  again: ['Type the pseudonym once more', '再次输入用户假名'],
  differs: ['The two are not the same', '两次输入不一致'],
  erase: ['Erase for good', '永久删除'],
  cancel: ['Cancel', '取消'],
  done: [
    (messages: number, records: number) => `${messages} messages and ${records} records were erased`,
    (messages: number, records: number) => `已删除 ${messages} 条消息和 ${records} 条记录`,
  ],
});

export function EraseUser({ close }: { close: () => void }) {
  const t = useText();
  const { me, tenant, can } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<{ tenant: string; user: string; again: string }>();
  const [done, setDone] = useState<{ messages: number; records: number }>();
  const erase = async ({ tenant: owner, user }: { tenant: string; user: string }) => {
    const sent = await send('POST', '/audit/erase-user', {
      body: { tenant: owner, user: user.trim() },
      refresh: ['/audit', '/turns', '/conversations'],
    });
    if (sent.ok) setDone(sent.data);
  };
  const tenants = me.tenants.filter(({ id }) => can('audit:write', id));
  return (
    <Modal
      open
      title={t.title}
      okText={t.erase}
      cancelText={t.cancel}
      okButtonProps={{ danger: true, style: done ? { display: 'none' } : {} }}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      {done ? (
        <Notice tone="good" live>
          {t.done(done.messages, done.records)}
        </Notice>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ tenant: tenant ?? tenants[0]?.id }}
          onFinish={erase}
        >
          <Form.Item>
            <Notice tone="bad">{t.why}</Notice>
          </Form.Item>
          <Form.Item name="tenant" label={t.tenant} rules={[{ required: true }]}>
            <Select options={tenants.map(({ id, name }) => ({ value: id, label: name }))} />
          </Form.Item>
          <Form.Item name="user" label={t.user} extra={t.userHint} rules={[{ required: true }]}>
            <Input spellCheck={false} autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="again"
            label={t.again}
            dependencies={['user']}
            rules={[
              { required: true },
              ({ getFieldValue }) => ({
                validator: async (_, value) => {
                  if (value !== getFieldValue('user')) throw new Error(t.differs);
                },
              }),
            ]}
          >
            <Input spellCheck={false} autoComplete="off" />
          </Form.Item>
        </Form>
      )}
    </Modal>
  );
}
