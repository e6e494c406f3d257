import { Button, Form } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { seg } from '../../api/client.ts';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ModelEntry, ModelStatus, ModelTest } from '../../api/types.ts';
import { DataTable } from '../../components/data-table.tsx';
import { TextArea } from '../../components/form/text-area.tsx';
import { Panel } from '../../components/page.tsx';
import { RichText } from '../../components/rich-text.tsx';
import { State } from '../../components/states.tsx';
import { Badge, Notice, Status } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  keys: ['Keys', '密钥'],
  keysHint: ['By fingerprint; the keys themselves are never shown.', '仅显示指纹，密钥本身不会显示。'],
  fingerprint: ['Fingerprint', '指纹'],
  age: ['Age', '使用时长'],
  days: [(n: number) => `${n} d`, (n: number) => `${n} 天`],
  state: ['State', '状态'],
  until: ['again', '恢复'],
  ok: ['in use', '使用中'],
  cooling: ['cooling down', '冷却中'],
  refused: ['refused by the provider', '被提供商拒绝'],
  noKeys: ['This model needs no key', '此模型无需密钥'],
  endpoints: ['Endpoints', '接口地址'],
  address: ['Address', '地址'],
  own: ['the provider’s own', '提供商默认地址'],
  region: ['Region', '区域'],
  breaker: ['Breaker', '熔断器'],
  closed: ['closed: it is asked', '关闭：正常请求'],
  open: ['open: it rests after failures', '打开：连续失败，暂停请求'],
  half_open: ['half open: one try', '半开：试探中'],
  ttft: ['To first token', '首 token 时间'],
  noEndpoints: ['Nothing is known yet: it was not asked since the start', '尚无数据：启动后还没有请求'],
  usedBy: ['Tenants with this model', '使用此模型的租户'],
  nobody: ['No tenant has it in its chain', '没有租户使用'],
  test: ['Ask it', '试问'],
  testHint: ['Costs what a real question costs.', '会产生与真实提问相同的费用。'],
  question: ['Question', '问题'],
  hello: ['Say hello in one sentence.', '用一句话打个招呼。'],
  ask: ['Ask', '提问'],
  took: [
    (time: string, input: string, output: string) => `${time} · ${input} → ${output} tokens`,
    (time: string, input: string, output: string) => `${time} · ${input} → ${output} token`,
  ],
});

const KEY_TONES = { ok: 'good', cooling: 'warn', refused: 'bad' } as const;
const BREAKER_TONES = { closed: 'good', open: 'bad', half_open: 'warn' } as const;

export function ModelState({ entry }: { entry: ModelEntry }) {
  const t = useText();
  const { status } = entry;
  return (
    <div className="grid halves">
      <div className="stack">
        <Panel title={t.keys} hint={t.keysHint} flush>
          <Keys keys={status.keys} />
        </Panel>
        <Panel title={t.endpoints} flush>
          <Endpoints endpoints={status.endpoints} />
        </Panel>
      </div>
      <div className="stack">
        <AskIt entry={entry} />
        <Panel title={t.usedBy}>
          {status.used_by.length === 0 ? (
            <p className="muted">{t.nobody}</p>
          ) : (
            <div className="row">
              {status.used_by.map((tenant) => (
                <Link key={tenant} to={`/tenants/${seg(tenant)}`}>
                  <Badge>{tenant}</Badge>
                </Link>
              ))}
            </div>
          )}
        </Panel>
      </div>
    </div>
  );
}

function Keys({ keys }: { keys: ModelStatus['keys'] }) {
  const t = useText();
  if (keys.length === 0) return <State title={t.noKeys} />;
  return (
    <DataTable
      size="small"
      rowKey="fingerprint"
      dataSource={keys}
      columns={[
        { title: t.fingerprint, dataIndex: 'fingerprint', className: 'mono' },
        {
          title: t.age,
          key: 'age',
          render: (_, { age_days }) => (age_days === null ? '–' : t.days(Math.round(age_days))),
        },
        {
          title: t.state,
          key: 'state',
          render: (_, { state, until }) => (
            <Status tone={KEY_TONES[state]}>
              {t[state]}{' '}
              {until && (
                <span className="muted small">
                  · {t.until} <Ago at={until} />
                </span>
              )}
            </Status>
          ),
        },
      ]}
    />
  );
}

function Endpoints({ endpoints }: { endpoints: ModelStatus['endpoints'] }) {
  const t = useText();
  const format = useFormat();
  if (endpoints.length === 0) return <State title={t.noEndpoints} />;
  return (
    <DataTable
      size="small"
      rowKey={({ base_url, region }) => `${base_url} ${region}`}
      dataSource={endpoints}
      columns={[
        {
          title: t.address,
          key: 'address',
          render: (_, { base_url }) => (base_url ? <span className="mono">{base_url}</span> : t.own),
        },
        { title: t.region, key: 'region', render: (_, { region }) => region ?? '–' },
        {
          title: t.breaker,
          key: 'breaker',
          render: (_, { breaker }) => <Status tone={BREAKER_TONES[breaker]}>{t[breaker]}</Status>,
        },
        {
          title: t.ttft,
          key: 'ttft',
          align: 'right',
          className: 'num',
          render: (_, { ttft_ms }) => format.ms(ttft_ms),
        },
      ]}
    />
  );
}

function AskIt({ entry }: { entry: ModelEntry }) {
  const t = useText();
  const format = useFormat();
  const { can } = useSession();
  const { send, busy } = useSend();
  const [result, setResult] = useState<ModelTest>();
  const ask = async ({ text }: { text: string }) => {
    const sent = await send('POST', `/models/${seg(entry.id)}/test`, {
      body: { text },
      refresh: ['/models'],
    });
    if (sent.ok) setResult(sent.data);
  };
  return (
    <Panel title={t.test} hint={t.testHint}>
      <Form
        layout="vertical"
        requiredMark={false}
        initialValues={{ text: t.hello }}
        onFinish={ask}
        disabled={!can('model:test')}
      >
        <Form.Item name="text" label={t.question} rules={[{ required: true }]}>
          <TextArea minRows={2} maxRows={6} maxLength={4000} />
        </Form.Item>
        <div className="stack">
          <Button htmlType="submit" loading={busy} style={{ alignSelf: 'flex-start' }}>
            {t.ask}
          </Button>
          {result && (
            <Notice tone={result.ok ? 'good' : 'bad'} live>
              {result.ok ? <RichText>{result.reply}</RichText> : <span className="pre">{result.message}</span>}
              <div className="muted small">
                {t.took(format.ms(result.ms), format.number(result.tokens_in), format.number(result.tokens_out))}
              </div>
            </Notice>
          )}
        </div>
      </Form>
    </Panel>
  );
}
