import { AutoComplete, Button, Form, Select } from 'antd';
import { useState } from 'react';
import { useGet } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Policy } from '../../api/types.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Badge, Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { useActions } from './role-table.ts';

const useText = texts({
  title: ['Ask why', '查询原因'],
  hint: ['Says which role or policy decides.', '说明由哪个角色或策略决定。'],
  user: ['Who', '用户'],
  action: ['wants to do', '操作'],
  resource: ['with', '资源'],
  resourceHint: [
    'tenant/TENANT/KIND/ID or hub/KIND/ID; “-” stands for the kind as a whole.',
    'tenant/租户/类型/ID 或 hub/类型/ID；“-”表示该类型整体。',
  ],
  ask: ['Explain', '说明'],
  allowed: ['Allowed', '允许'],
  denied: ['Denied', '拒绝'],
  by: [(name: string) => `“${name}” decides.`, (name: string) => `由“${name}”决定。`],
  nobody: ['Nothing allows it, and what nothing allows is denied.', '没有任何策略允许，默认拒绝。'],
  token: ['The token’s own bound decides.', '由令牌自身的权限范围决定。'],
  roles: ['Roles of this person', '该用户的角色'],
  matching: ['Everything that speaks of it, denials first', '所有相关策略（拒绝在前）'],
  allow: ['allows', '允许'],
  deny: ['denies', '拒绝'],
});

interface Question {
  user: string;
  action: string;
  resource: string;
}

/** Why somebody may or may not do something. */
export function Explain() {
  const t = useText();
  const { me, tenant = me.tenants[0]?.id ?? 'default' } = useSession();
  const users = useGet('/users');
  const actions = useActions();
  const [question, setQuestion] = useState<Question>();
  const resources = [
    'hub/settings/-',
    ...me.tenants.flatMap(({ id }) => [
      `tenant/${id}/channel/-`,
      `tenant/${id}/conversation/-`,
      `tenant/${id}/quota/-`,
    ]),
  ];
  return (
    <div className="grid halves">
      <Panel title={t.title} hint={t.hint}>
        <Form<Question>
          layout="vertical"
          requiredMark={false}
          initialValues={{
            user: me.user.id,
            action: 'channel:write',
            resource: `tenant/${tenant}/channel/-`,
          }}
          onFinish={setQuestion}
        >
          <Form.Item name="user" label={t.user} rules={[{ required: true }]}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={(users.data?.data.items ?? []).map(({ id, username, name }) => ({
                value: id,
                label: name ? `${name} (${username})` : username,
              }))}
            />
          </Form.Item>
          <Form.Item name="action" label={t.action} rules={[{ required: true }]}>
            <Select showSearch options={actions.map((value) => ({ value, label: value }))} />
          </Form.Item>
          <Form.Item name="resource" label={t.resource} extra={t.resourceHint} rules={[{ required: true }]}>
            <AutoComplete options={resources.map((value) => ({ value }))} />
          </Form.Item>
          <Button type="primary" htmlType="submit">
            {t.ask}
          </Button>
        </Form>
      </Panel>
      {question && <Reasons question={question} />}
    </div>
  );
}

function Reasons({ question }: { question: Question }) {
  const t = useText();
  const answer = useGet('/access/explain', { ...question });
  return (
    <Panel>
      <Loaded of={answer}>
        {({ allowed, token_bound, decided_by, matching, roles }) => (
          <div className="stack">
            <Notice tone={allowed ? 'good' : 'bad'} title={allowed ? t.allowed : t.denied} live>
              {token_bound ? t.token : decided_by ? t.by(decided_by.name) : t.nobody}
            </Notice>
            <div className="stack tight">
              <strong>{t.roles}</strong>
              <div className="row">
                {roles.map(({ tenant, role }) => (
                  <Badge key={`${tenant} ${role}`}>
                    {role}@{tenant}
                  </Badge>
                ))}
              </div>
            </div>
            {matching.length > 0 && (
              <div className="stack tight">
                <strong>{t.matching}</strong>
                <ul className="stack tight">
                  {matching.map((policy) => (
                    <PolicyLine key={policy.id} policy={policy} />
                  ))}
                </ul>
              </div>
            )}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function PolicyLine({ policy }: { policy: Policy }) {
  const t = useText();
  return (
    <li className="row">
      <Badge tone={policy.effect === 'deny' ? 'bad' : 'good'}>{t[policy.effect]}</Badge>
      <span>{policy.name}</span>
      <span className="mono faint">
        {policy.actions.slice(0, 4).join(' ')}
        {policy.actions.length > 4 ? ' …' : ''}
      </span>
    </li>
  );
}
