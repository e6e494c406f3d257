import { Checkbox, DatePicker, Form, Input, Modal, Select, Switch } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { API_SCOPES, type ApiScope, type LimitWindows } from '../../api/types.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { LimitFields } from '../../components/form/limits.tsx';
import { prune } from '../../components/form/prune.ts';
import { texts } from '../../i18n/texts.ts';
import type { MadeKey } from './index.tsx';
import { useScopeName } from './scopes.ts';

const useText = texts({
  title: ['Create a key', '创建密钥'],
  name: ['Name', '名称'],
  nameHint: ['What it is for.', '用途说明。'],
  tenant: ['Tenant', '租户'],
  scopes: ['It may', '权限'],
  expires: ['Expires', '过期时间'],
  limits: ['Limits of its own', '独立限额'],
  signed: ['Requests must be signed', '请求必须签名'],
  signedHint: ['A second secret then signs each request (HMAC).', '使用第二个密钥对每个请求签名（HMAC）。'],
  create: ['Create', '创建'],
  cancel: ['Cancel', '取消'],
});

interface Values {
  name: string;
  tenant: string;
  scopes: ApiScope[];
  expires_at?: Dayjs;
  limits?: LimitWindows;
  signed?: boolean;
}

export function NewKey({ close, made }: { close: () => void; made: (key: MadeKey) => void }) {
  const t = useText();
  const scopeName = useScopeName();
  const { me, tenant, can } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<Values>();
  const tenants = me.tenants.filter(({ id }) => can('api_key:write', id));
  const create = async ({ expires_at, limits, ...values }: Values) => {
    const body = prune({ ...values, limits: limits && prune(limits), expires_at: expires_at?.toISOString() });
    const sent = await send('POST', '/api-keys', { body, refresh: ['/api-keys'], creates: true });
    if (sent.ok) made(sent.data);
    else applyFieldErrors(form, sent.error);
  };
  return (
    <Modal
      open
      title={t.title}
      okText={t.create}
      cancelText={t.cancel}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={{ tenant: tenant ?? tenants[0]?.id, scopes: [...API_SCOPES] }}
        onFinish={create}
      >
        <Form.Item name="name" label={t.name} extra={t.nameHint} rules={[{ required: true }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="tenant" label={t.tenant} rules={[{ required: true }]}>
          <Select options={tenants.map(({ id, name }) => ({ value: id, label: name }))} />
        </Form.Item>
        <Form.Item name="scopes" label={t.scopes} rules={[{ required: true }]}>
          <Checkbox.Group options={API_SCOPES.map((value) => ({ value, label: scopeName(value) }))} />
        </Form.Item>
        <Form.Item name="expires_at" label={t.expires}>
          <DatePicker minDate={dayjs()} />
        </Form.Item>
        <Form.Item name="signed" label={t.signed} extra={t.signedHint} valuePropName="checked">
          <Switch />
        </Form.Item>
        <details>
          <summary style={{ cursor: 'pointer', marginBottom: 12 }}>{t.limits}</summary>
          <LimitFields name={['limits']} />
        </details>
      </Form>
    </Modal>
  );
}
