import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Items, RuleConfig, RuleRow } from '../../api/types.ts';
import { type Editing, useEditing } from '../../components/form/editing.ts';
import { MayNotChange, OriginBadge } from '../../components/origin.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded, State } from '../../components/states.tsx';
import { Badge, Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { RuleTester } from './rule-tester.tsx';
import { toRuleValues } from './rule-values.ts';

const useText = texts({
  title: ['Rules, the first that matches wins', '规则（自上而下，首个匹配生效）'],
  add: ['Add a rule', '添加规则'],
  exact: ['is exactly', '完全等于'],
  prefix: ['begins with', '开头是'],
  keywords: ['contains', '包含'],
  regex: ['matches', '匹配正则'],
  reply: ['reply', '回复'],
  model: ['ask', '调用模型'],
  ignore: ['stay silent', '不回答'],
  up: ['Move up', '上移'],
  down: ['Move down', '下移'],
  edit: ['Edit', '编辑'],
  remove: ['Remove', '移除'],
  rule: [(n: number) => `rule ${n}`, (n: number) => `规则 ${n}`],
  save: ['Save', '保存'],
  saved: ['Saved; in use within a second', '已保存，一秒内生效'],
  undo: ['Undo changes', '撤销修改'],
  unsaved: ['These rules are not saved yet. Try them on the right first.', '规则尚未保存，可先在右侧测试。'],
  empty: ['No rule yet', '还没有规则'],
  emptyWhy: [
    'Answer greetings or frequent questions without a model: at once and for nothing.',
    '无需模型即可回答问候或常见问题，即时且免费。',
  ],
});

export function RulesEditor({ tenant }: { tenant: string }) {
  const answer = useGet(`/tenants/${seg(tenant)}/rules`);
  const editing = useEditing(answer);
  return (
    <Loaded of={answer}>
      {() =>
        editing.base && <Rules key={editing.version} tenant={tenant} rows={editing.base.data.items} editing={editing} />
      }
    </Loaded>
  );
}

interface Props {
  tenant: string;
  rows: readonly RuleRow[];
  editing: Editing<Items<RuleRow>>;
}

function Rules({ tenant, rows, editing }: Props) {
  const t = useText();
  const { can } = useSession();
  const { send, busy } = useSend();
  const fixed = rows.filter(({ read_only }) => read_only);
  const before = rows.filter(({ read_only }) => !read_only).map(({ rule }) => rule);
  const [own, setOwn] = useState<RuleConfig[]>(before);
  /** The rule in the dialog; its length means a new one. */
  const [open, setOpen] = useState<number>();
  const mayWrite = can('rule:write', tenant);
  const isChanged = JSON.stringify(own) !== JSON.stringify(before);

  const save = async () => {
    const sent = await send('PUT', `/tenants/${seg(tenant)}/rules`, {
      body: { rules: own },
      etag: editing.base?.etag,
      success: t.saved,
      refresh: ['/tenants', '/config'],
      onStale: editing.reload,
    });
    if (sent.ok) await editing.reload();
  };
  const move = (from: number, to: number) => {
    const next = [...own];
    const [rule] = next.splice(from, 1);
    if (rule) next.splice(to, 0, rule);
    setOwn(next);
  };
  const put = (rule: RuleConfig) => {
    setOwn(own.map((other, index) => (index === open ? rule : other)).concat(open === own.length ? [rule] : []));
    setOpen(undefined);
  };
  return (
    <div className="grid two">
      <Panel
        title={t.title}
        extra={
          mayWrite && (
            <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(own.length)}>
              {t.add}
            </Button>
          )
        }
        flush
      >
        {!mayWrite && (
          <div style={{ padding: '0 20px 12px' }}>
            <MayNotChange needs="rule:write" tenant={tenant} />
          </div>
        )}
        {rows.length === 0 && own.length === 0 ? (
          <State title={t.empty}>{t.emptyWhy}</State>
        ) : (
          <ol className="lines">
            {fixed.map(({ rule, origin }, index) => (
              <li key={index} className="row nowrap" style={{ gap: 12 }}>
                <RuleText rule={rule} />
                <OriginBadge origin={origin} />
              </li>
            ))}
            {own.map((rule, index) => {
              const name = t.rule(fixed.length + index + 1);
              return (
                <li key={index} className="row nowrap" style={{ gap: 4 }}>
                  <RuleText rule={rule} />
                  {mayWrite && (
                    <>
                      <Button
                        type="text"
                        size="small"
                        disabled={index === 0}
                        icon={<ArrowUpOutlined aria-hidden />}
                        aria-label={`${t.up}: ${name}`}
                        onClick={() => move(index, index - 1)}
                      />
                      <Button
                        type="text"
                        size="small"
                        disabled={index === own.length - 1}
                        icon={<ArrowDownOutlined aria-hidden />}
                        aria-label={`${t.down}: ${name}`}
                        onClick={() => move(index, index + 1)}
                      />
                      <Button
                        type="text"
                        size="small"
                        icon={<EditOutlined aria-hidden />}
                        aria-label={`${t.edit}: ${name}`}
                        onClick={() => setOpen(index)}
                      />
                      <Button
                        type="text"
                        size="small"
                        danger
                        icon={<DeleteOutlined aria-hidden />}
                        aria-label={`${t.remove}: ${name}`}
                        onClick={() => setOwn(own.filter((_, other) => other !== index))}
                      />
                    </>
                  )}
                </li>
              );
            })}
          </ol>
        )}
        {isChanged && (
          <div className="stack" style={{ padding: '8px 20px 20px' }}>
            <Notice tone="accent">{t.unsaved}</Notice>
            <div className="row">
              <Button type="primary" loading={busy} onClick={() => void save()}>
                {t.save}
              </Button>
              <Button onClick={() => setOwn(before)}>{t.undo}</Button>
            </div>
          </div>
        )}
      </Panel>
      <RuleTester tenant={tenant} rules={[...fixed.map(({ rule }) => rule), ...own]} />
      {open !== undefined && (
        <RuleDialog tenant={tenant} rule={own[open]} close={() => setOpen(undefined)} save={put} />
      )}
    </div>
  );
}

function RuleText({ rule }: { rule: RuleConfig }) {
  const t = useText();
  const { kind, words = [], regex, action, reply, model } = toRuleValues(rule);
  return (
    <div className="grow stack tight">
      <div className="row">
        <span className="muted">{t[kind]}</span>
        {regex !== undefined && <code className="mono">{regex}</code>}
        {words.slice(0, 6).map((word) => (
          <Badge key={word}>{word}</Badge>
        ))}
        {words.length > 6 && <span className="muted">+{words.length - 6}</span>}
      </div>
      <div className="pre" style={{ maxHeight: 72, overflow: 'hidden' }}>
        <span className="muted">→ {t[action]}</span> {reply ?? model}
      </div>
    </div>
  );
}
