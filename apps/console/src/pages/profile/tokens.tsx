import { Button, DatePicker, Form, Input, Modal } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import type { Token } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { Words } from '../../components/form/words.tsx';
import { Panel } from '../../components/page.tsx';
import { ShownOnce } from '../../components/shown-once.tsx';
import { Loaded, State } from '../../components/states.tsx';
import { Badge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { texts } from '../../i18n/texts.ts';
import { useActions } from '../users/role-table.ts';

const useText = texts({
  title: ['Personal access tokens', '个人访问令牌'],
  hint: ['For scripts that use the admin API in your name.', '供脚本以你的身份调用管理 API。'],
  add: ['Create', '创建'],
  name: ['Name', '名称'],
  actions: ['Only these actions', '仅限以下操作'],
  actionsHint: ['Empty: everything you may do.', '留空表示与你的权限相同。'],
  expires: ['Expires', '过期时间'],
  used: ['used', '最近使用'],
  never: ['never used', '从未使用'],
  revoked: ['revoked', '已吊销'],
  revoke: ['Revoke', '吊销'],
  revokeTitle: [(name: string) => `Revoke “${name}”?`, (name: string) => `吊销“${name}”？`],
  revokeWhy: ['Scripts that use it are refused from now on.', '使用它的脚本将立即被拒绝。'],
  done: ['Revoked', '已吊销'],
  made: ['The new token', '新令牌'],
  token: ['Token', '令牌'],
  cancel: ['Cancel', '取消'],
  empty: ['No token yet', '还没有令牌'],
});

interface Values {
  name: string;
  actions?: string[];
  expires_at?: Dayjs;
}

export function Tokens() {
  const t = useText();
  const { send, busy } = useSend();
  const confirm = useConfirm();
  const [form] = Form.useForm<Values>();
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<string>();
  const answer = useGet('/me/tokens');
  const every = useActions();
  const create = async ({ name, actions = [], expires_at }: Values) => {
    const body = {
      name,
      ...(actions.length > 0 ? { actions } : {}),
      ...(expires_at ? { expires_at: expires_at.toISOString() } : {}),
    };
    const sent = await send('POST', '/me/tokens', { body, refresh: ['/me/tokens'], creates: true });
    if (!sent.ok) return applyFieldErrors(form, sent.error);
    setOpen(false);
    setMade(sent.data.token);
  };
  const revoke = ({ id, name }: Token) =>
    confirm({
      title: t.revokeTitle(name),
      content: t.revokeWhy,
      ok: t.revoke,
      run: () => send('DELETE', `/me/tokens/${seg(id)}`, { success: t.done, refresh: ['/me/tokens'] }),
    });
  return (
    <Panel
      title={t.title}
      hint={t.hint}
      extra={
        <Button size="small" onClick={() => setOpen(true)}>
          {t.add}
        </Button>
      }
      flush
    >
      <Loaded of={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <State title={t.empty} />
          ) : (
            <ul className="lines">
              {items.map((token) => (
                <li key={token.id} className="row nowrap">
                  <div className="grow">
                    <div className="row">
                      {token.name} <span className="mono faint">{token.prefix}…</span>{' '}
                      {token.revoked_at && <Badge>{t.revoked}</Badge>}
                    </div>
                    <div className="muted small">
                      {token.last_used_at ? (
                        <>
                          {t.used} <Ago at={token.last_used_at} />
                        </>
                      ) : (
                        t.never
                      )}
                    </div>
                  </div>
                  {!token.revoked_at && (
                    <Button size="small" danger type="text" onClick={() => revoke(token)}>
                      {t.revoke}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Modal
        open={isOpen}
        title={t.title}
        okText={t.add}
        cancelText={t.cancel}
        confirmLoading={busy}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        destroyOnHidden
      >
        <Form<Values> form={form} layout="vertical" preserve={false} onFinish={create}>
          <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="actions" label={t.actions} extra={t.actionsHint}>
            <Words suggestions={['*:read', ...every].map((value) => ({ value, label: value }))} />
          </Form.Item>
          <Form.Item name="expires_at" label={t.expires}>
            <DatePicker minDate={dayjs()} />
          </Form.Item>
        </Form>
      </Modal>
      {made && <ShownOnce title={t.made} close={() => setMade(undefined)} secrets={[{ what: t.token, value: made }]} />}
    </Panel>
  );
}
