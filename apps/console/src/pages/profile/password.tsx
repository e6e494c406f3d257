import { Button, Form, Input } from 'antd';
import { useSend } from '../../api/hooks.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  current: ['Present password', '当前密码'],
  next: ['New password', '新密码'],
  nextWhy: ['At least 12 characters; a sentence is a good one.', '至少 12 个字符，使用一句话是不错的选择。'],
  again: ['New password, once more', '再次输入新密码'],
  differs: ['The two are not the same', '两次输入不一致'],
  short: ['At least 12 characters', '至少 12 个字符'],
  save: ['Change password', '修改密码'],
  saved: ['Changed; your other sessions have ended', '密码已修改，其他会话已退出'],
});

interface Values {
  current: string;
  next: string;
  again: string;
}

export function PasswordForm({ done }: { done?: () => void }) {
  const t = useText();
  const [form] = Form.useForm<Values>();
  const { send, busy } = useSend();
  const save = async ({ current, next }: Values) => {
    const sent = await send('PUT', '/me/password', { body: { current, next }, success: t.saved, refresh: ['/me'] });
    if (sent.ok) {
      form.resetFields();
      done?.();
    } else applyFieldErrors(form, sent.error);
  };
  return (
    <Form<Values> form={form} layout="vertical" requiredMark={false} onFinish={save} style={{ maxWidth: 400 }}>
      <Form.Item name="current" label={t.current} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item name="next" label={t.next} extra={t.nextWhy} rules={[{ required: true, min: 12, message: t.short }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t.again}
        dependencies={['next']}
        rules={[
          { required: true },
          ({ getFieldValue }) => ({
            validator: async (_, value) => {
              if (value && value !== getFieldValue('next')) throw new Error(t.differs);
            },
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {t.save}
      </Button>
    </Form>
  );
}
