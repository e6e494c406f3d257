import { ClearOutlined, SendOutlined, StopOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { TextArea } from '../../components/form/text-area.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { RichText } from '../../components/rich-text.tsx';
import { Needs, State } from '../../components/states.tsx';
import { Notice } from '../../components/status.tsx';
import { useOneTenant } from '../../hooks/use-one-tenant.ts';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { Timeline } from '../turns/timeline.tsx';
import { usePlayground } from './use-playground.ts';

const useText = texts({
  title: ['Playground', '试验场'],
  lead: [
    'Ask with any tenant’s configuration: the same guard, rules, quota and models as in a chat.',
    '使用任意租户的配置提问：防护、规则、配额与模型均与真实会话一致。',
  ],
  tenant: ['Tenant', '租户'],
  model: ['Model', '模型'],
  chain: ['the tenant’s own order', '按租户的顺序'],
  placeholder: ['Ask something … (Enter sends)', '输入问题……（回车发送）'],
  question: ['Question', '问题'],
  send: ['Send', '发送'],
  stop: ['Stop', '停止'],
  clear: ['Begin anew', '重新开始'],
  you: ['You', '你'],
  bot: ['Bot', '机器人'],
  log: ['Conversation', '对话'],
  empty: ['Ask a question', '提一个问题'],
  emptyWhy: [
    'The answer appears as it is written; how it came about stands beside it.',
    '回答会逐字显示，旁边可以看到处理过程。',
  ],
  timeline: ['How it came about', '处理过程'],
  waits: ['Appears with the answer.', '回答后显示。'],
  facts: [
    (model: string, tokens: string, cost: string) => `${model} · ${tokens} tokens · ${cost}`,
    (model: string, tokens: string, cost: string) => `${model} · ${tokens} token · ${cost}`,
  ],
  turn: ['The whole turn', '查看完整记录'],
});

export default function PlaygroundPage() {
  const t = useText();
  const { me, tenant, can } = useSession();
  const [model, setModel] = useState('');
  const models = useGet('/models', {}, { enabled: can('model:read') });
  const tenants = me.tenants.filter(({ id }) => can('playground:use', id));
  const [current = '', choose] = useOneTenant(tenants);
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <>
          {tenant === undefined && tenants.length > 1 && (
            <Select
              aria-label={t.tenant}
              value={current}
              onChange={choose}
              style={{ minWidth: 140 }}
              options={tenants.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
          <Select
            aria-label={t.model}
            value={model}
            onChange={setModel}
            style={{ minWidth: 180 }}
            options={[
              { value: '', label: t.chain },
              ...(models.data?.data.items ?? []).map(({ id }) => ({ value: id, label: id })),
            ]}
          />
        </>
      }
    >
      <Needs action="playground:use">
        <Chat key={current} tenant={current} model={model || undefined} />
      </Needs>
    </Page>
  );
}

function Chat({ tenant, model }: { tenant: string; model: string | undefined }) {
  const t = useText();
  const format = useFormat();
  const { messages, done, error, isBusy, ask, stop, clear } = usePlayground(tenant, model);
  const [text, setText] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const length = messages.reduce((sum, { content }) => sum + content.length, 0);
  useEffect(() => {
    if (length) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [length]);

  const say = () => {
    if (isBusy || text.trim() === '') return;
    void ask(text.trim());
    setText('');
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    say();
  };
  return (
    <div className="grid two">
      <Panel>
        <div className="stack">
          {messages.length === 0 ? (
            <State title={t.empty}>{t.emptyWhy}</State>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            <div className="log" ref={box} role="log" aria-label={t.log} tabIndex={0} aria-busy={isBusy}>
              {messages.map(({ role, content }, index) => (
                <article key={index} className={`bubble-line is-${role}`}>
                  <span className="small muted">{role === 'user' ? t.you : t.bot}</span>
                  <div className={`bubble is-${role}`}>{content === '' ? '…' : <RichText>{content}</RichText>}</div>
                </article>
              ))}
            </div>
          )}
          {error && (
            <Notice tone="bad" title={error.code} live>
              {error.message}
            </Notice>
          )}
          <div className="row nowrap" style={{ alignItems: 'flex-end' }}>
            <TextArea
              aria-label={t.question}
              placeholder={t.placeholder}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={onKey}
              maxLength={20_000}
            />
            {isBusy ? (
              <Button icon={<StopOutlined aria-hidden />} onClick={stop}>
                {t.stop}
              </Button>
            ) : (
              <Button type="primary" icon={<SendOutlined aria-hidden />} onClick={say}>
                {t.send}
              </Button>
            )}
          </div>
          {messages.length > 0 && !isBusy && (
            <div>
              <Button type="text" size="small" icon={<ClearOutlined aria-hidden />} onClick={clear}>
                {t.clear}
              </Button>
            </div>
          )}
        </div>
      </Panel>
      <Panel title={t.timeline}>
        {done ? (
          <div className="stack">
            <p className="muted small">
              {t.facts(
                done.model,
                format.number((done.usage?.tokens_in ?? 0) + (done.usage?.tokens_out ?? 0)),
                format.usd(done.cost_usd),
              )}
            </p>
            <Timeline entries={done.timeline} />
            {done.turn && <Link to={`/turns/${seg(done.turn)}`}>{t.turn}</Link>}
          </div>
        ) : (
          <p className="muted">{t.waits}</p>
        )}
      </Panel>
    </div>
  );
}
