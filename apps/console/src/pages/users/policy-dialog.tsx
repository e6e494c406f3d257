import { Form, Input, Modal, Radio, Select } from 'antd';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Policy } from '../../api/types.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { Words } from '../../components/form/words.tsx';
import { texts } from '../../i18n/texts.ts';
import { useActions } from './role-table.ts';

const useText = texts({
  add: ['Add a policy', '添加策略'],
  edit: ['Edit policy', '编辑策略'],
  name: ['Name', '名称'],
  tenant: ['Reaches', '作用范围'],
  hub: ['the hub and all tenants', '全局与所有租户'],
  effect: ['Effect', '效果'],
  allow: ['allows', '允许'],
  deny: ['denies (beats every permission)', '拒绝（优先于所有允许）'],
  principals: ['Who', '主体'],
  principalsHint: [
    'user:ID, role:operator@acme, role:viewer@* or * for everybody.',
    'user:ID、role:operator@acme、role:viewer@*，或 * 表示所有人。',
  ],
  actions: ['Actions', '操作'],
  actionsHint: ['Such as channel:write, *:read or *.', '例如 channel:write、*:read 或 *。'],
  resources: ['Resources', '资源'],
  resourcesHint: [
    'Such as tenant/acme/channel/*, hub/model/gpt-4o or *.',
    '例如 tenant/acme/channel/*、hub/model/gpt-4o 或 *。',
  ],
  save: ['Save', '保存'],
  saved: ['Saved', '已保存'],
  cancel: ['Cancel', '取消'],
});

const ROLES = ['owner', 'admin', 'operator', 'viewer'];

export function PolicyDialog({ policy, close }: { policy: Policy | undefined; close: () => void }) {
  const t = useText();
  const { me } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<Omit<Policy, 'id'>>();
  const current = useGet(`/policies/${seg(policy?.id ?? '')}`, {}, { enabled: policy !== undefined });
  const users = useGet('/users');
  const actions = useActions();
  const save = async (values: Omit<Policy, 'id'>) => {
    const sent = policy
      ? await send('PUT', `/policies/${seg(policy.id)}`, {
          body: values,
          etag: current.data?.etag,
          success: t.saved,
          refresh: ['/policies'],
          onStale: close,
        })
      : await send('POST', '/policies', { body: values, success: t.saved, refresh: ['/policies'], creates: true });
    if (sent.ok) close();
    else applyFieldErrors(form, sent.error);
  };
  const places = ['*', ...me.tenants.map(({ id }) => id)];
  const people = [
    ...(users.data?.data.items ?? []).map(({ id, username }) => ({
      value: `user:${id}`,
      label: `${username} (user:${id})`,
    })),
    ...places.flatMap((place) =>
      ROLES.map((role) => ({ value: `role:${role}@${place}`, label: `role:${role}@${place}` })),
    ),
    { value: '*', label: '*' },
  ];
  const plain = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
  const needed = [{ required: true, type: 'array' as const, min: 1 }];
  return (
    <Modal
      open
      title={policy ? t.edit : t.add}
      okText={t.save}
      cancelText={t.cancel}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={
          policy ?? { tenant: me.tenants[0]?.id ?? '*', effect: 'deny', principals: [], actions: [], resources: [] }
        }
        onFinish={save}
      >
        <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="tenant" label={t.tenant}>
          <Select
            options={[{ value: '*', label: t.hub }, ...me.tenants.map(({ id, name }) => ({ value: id, label: name }))]}
          />
        </Form.Item>
        <Form.Item name="effect" label={t.effect}>
          <Radio.Group options={(['deny', 'allow'] as const).map((value) => ({ value, label: t[value] }))} />
        </Form.Item>
        <Form.Item name="principals" label={t.principals} extra={t.principalsHint} rules={needed}>
          <Words suggestions={people} />
        </Form.Item>
        <Form.Item name="actions" label={t.actions} extra={t.actionsHint} rules={needed}>
          <Words suggestions={plain(['*', '*:read', '*:write', ...actions])} />
        </Form.Item>
        <Form.Item name="resources" label={t.resources} extra={t.resourcesHint} rules={needed}>
          <Words suggestions={plain(['*', ...me.tenants.map(({ id }) => `tenant/${id}/*`), 'hub/*'])} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
