import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, type FormInstance, Input, InputNumber, Select } from 'antd';
import type { ModelConfig } from '../../api/types.ts';
import { Optional } from '../../components/form/optional.tsx';
import { SecretInput } from '../../components/form/secret-input.tsx';
import { Panel } from '../../components/page.tsx';
import { texts } from '../../i18n/texts.ts';
import { PROVIDER_FACTS, PROVIDERS } from './providers.ts';

const useText = texts({
  basics: ['Model', '模型'],
  id: ['Name in Parley', '在 Parley 中的名称'],
  idRule: [
    '1–64 letters, digits, . _ - that begin with a letter or digit',
    '1–64 个字母、数字或 . _ -，以字母或数字开头',
  ],
  provider: ['Provider', '提供商'],
  model: ['Model at the provider', '提供商的模型名称'],
  modelHint: ['Empty: the name above.', '留空则使用上面的名称。'],
  keys: ['API keys', 'API 密钥'],
  keysHint: ['Used in turn; one that is refused or limited rests.', '轮流使用，被拒绝或限流的密钥会暂停使用。'],
  key: [(n: number) => `Key ${n}`, (n: number) => `密钥 ${n}`],
  addKey: ['Add a key', '添加密钥'],
  endpoints: ['Endpoints', '接口地址'],
  endpointsHint: [
    'The fastest healthy one is asked. Empty: the provider’s own address.',
    '优先使用最快的健康地址；留空使用提供商默认地址。',
  ],
  address: [(n: number) => `Address ${n}`, (n: number) => `地址 ${n}`],
  region: [(n: number) => `Region of address ${n}`, (n: number) => `地址 ${n} 的区域`],
  regionPlaceholder: ['Region', '区域'],
  addEndpoint: ['Add an endpoint', '添加地址'],
  remove: ['Remove', '移除'],
  price: ['Price', '价格'],
  priceHint: ['USD per million tokens. Known models have theirs already.', '美元 / 百万 token，常见模型已内置价格。'],
  input: ['Input', '输入'],
  output: ['Output', '输出'],
  cached: ['Cached input', '缓存输入'],
  write: ['Cache write', '缓存写入'],
  tiers: ['Dearer with long inputs', '长输入阶梯价'],
  from: ['From input tokens', '起始输入 token'],
  addTier: ['Add a tier', '添加阶梯'],
  limits: ['Bounds', '限制'],
  timeout: ['Timeout (s)', '超时（秒）'],
  timeoutHint: ['To the first token, then between tokens.', '到首个 token 及相邻 token 之间的最长等待。'],
  maxOutput: ['Tokens of an answer at most', '回答的最大 token 数'],
  context: ['Context window (tokens)', '上下文窗口（token）'],
  contextHint: ['Empty: as known of the model.', '留空则使用已知值。'],
  concurrency: ['Requests at a time, per endpoint', '单个地址的并发请求数'],
  needed: ['Needed', '必填'],
  url: ['An address with http:// or https://', '请输入以 http:// 或 https:// 开头的地址'],
});

/** Everything a model's configuration can say. */
export function ModelFields({ form, isNew }: { form: FormInstance<ModelConfig>; isNew: boolean }) {
  const t = useText();
  const provider = Form.useWatch('provider', form) ?? 'openai';
  const facts = PROVIDER_FACTS[provider];
  return (
    <div className="stack">
      <Panel title={t.basics}>
        <div className="grid" style={{ gap: '0 16px' }}>
          <Form.Item
            name="id"
            label={t.id}
            rules={[{ required: true, pattern: /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/, message: t.idRule }]}
          >
            <Input disabled={!isNew} spellCheck={false} />
          </Form.Item>
          <Form.Item name="provider" label={t.provider}>
            <Select options={PROVIDERS.map((value) => ({ value, label: PROVIDER_FACTS[value].name }))} />
          </Form.Item>
          <Form.Item name="model" label={t.model} extra={t.modelHint}>
            <Input spellCheck={false} placeholder={facts.example} />
          </Form.Item>
        </div>
      </Panel>
      {provider !== 'echo' && (
        <>
          <Panel title={t.keys} hint={t.keysHint}>
            <Form.List name="keys">
              {(fields, { add, remove }) => (
                <div className="stack tight">
                  {fields.map(({ key, name }, index) => (
                    <div key={key} className="row nowrap" style={{ alignItems: 'flex-start' }}>
                      <Form.Item
                        name={name}
                        className="grow"
                        style={{ marginBottom: 8 }}
                        rules={[{ required: true, message: t.needed }]}
                      >
                        <SecretInput aria-label={t.key(index + 1)} />
                      </Form.Item>
                      <Button
                        icon={<DeleteOutlined aria-hidden />}
                        aria-label={`${t.remove}: ${t.key(index + 1)}`}
                        onClick={() => remove(name)}
                      />
                    </div>
                  ))}
                  <div>
                    <Button icon={<PlusOutlined aria-hidden />} onClick={() => add('')}>
                      {t.addKey}
                    </Button>
                  </div>
                </div>
              )}
            </Form.List>
          </Panel>
          <Panel title={t.endpoints} hint={t.endpointsHint}>
            <Form.List name="endpoints">
              {(fields, { add, remove }) => (
                <div className="stack tight">
                  {fields.map(({ key, name }, index) => (
                    <div key={key} className="row nowrap" style={{ alignItems: 'flex-start' }}>
                      <Form.Item
                        name={[name, 'base_url']}
                        className="grow"
                        style={{ marginBottom: 8 }}
                        rules={[{ required: true, pattern: /^https?:\/\//, message: t.url }]}
                      >
                        <Input aria-label={t.address(index + 1)} placeholder={facts.endpoint} spellCheck={false} />
                      </Form.Item>
                      <Form.Item name={[name, 'region']} style={{ marginBottom: 8, width: 110 }}>
                        <Input aria-label={t.region(index + 1)} placeholder={t.regionPlaceholder} />
                      </Form.Item>
                      <Button
                        icon={<DeleteOutlined aria-hidden />}
                        aria-label={`${t.remove}: ${t.address(index + 1)}`}
                        onClick={() => remove(name)}
                      />
                    </div>
                  ))}
                  <div>
                    <Button icon={<PlusOutlined aria-hidden />} onClick={() => add({ base_url: facts.endpoint })}>
                      {t.addEndpoint}
                    </Button>
                  </div>
                </div>
              )}
            </Form.List>
          </Panel>
        </>
      )}
      <Panel>
        <Optional
          form={form as FormInstance}
          name="price"
          title={t.price}
          hint={t.priceHint}
          initial={{ input: 0, output: 0 }}
        >
          <Rates name={['price']} />
          <strong>{t.tiers}</strong>
          <Form.List name={['price', 'tiers']}>
            {(fields, { add, remove }) => (
              <div className="stack tight">
                {fields.map(({ key, name }) => (
                  <div key={key} className="row nowrap" style={{ alignItems: 'flex-start' }}>
                    <div className="grow">
                      <Form.Item
                        name={[name, 'from_input_tokens']}
                        label={t.from}
                        rules={[{ required: true, message: t.needed }]}
                      >
                        <InputNumber min={1} precision={0} style={{ width: '100%' }} />
                      </Form.Item>
                      <Rates name={[name]} />
                    </div>
                    <Button icon={<DeleteOutlined aria-hidden />} aria-label={t.remove} onClick={() => remove(name)} />
                  </div>
                ))}
                <div>
                  <Button icon={<PlusOutlined aria-hidden />} onClick={() => add({})}>
                    {t.addTier}
                  </Button>
                </div>
              </div>
            )}
          </Form.List>
        </Optional>
      </Panel>
      <Panel title={t.limits}>
        <div className="grid" style={{ '--min': '200px', gap: '0 16px' } as React.CSSProperties}>
          <Form.Item name="timeout_seconds" label={t.timeout} extra={t.timeoutHint}>
            <InputNumber min={1} max={600} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="max_output_tokens" label={t.maxOutput}>
            <InputNumber min={1} max={1_000_000} precision={0} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="context_tokens" label={t.context} extra={t.contextHint}>
            <InputNumber min={1} max={10_000_000} precision={0} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="max_concurrency" label={t.concurrency}>
            <InputNumber min={1} max={100_000} precision={0} style={{ width: '100%' }} />
          </Form.Item>
        </div>
      </Panel>
    </div>
  );
}

function Rates({ name }: { name: (string | number)[] }) {
  const t = useText();
  const rate = (key: string, label: string, isNeeded = false) => (
    <Form.Item name={[...name, key]} label={label} rules={isNeeded ? [{ required: true, message: t.needed }] : []}>
      <InputNumber min={0} max={1_000_000} prefix="$" style={{ width: '100%' }} />
    </Form.Item>
  );
  return (
    <div className="grid" style={{ '--min': '130px', gap: '0 16px' } as React.CSSProperties}>
      {rate('input', t.input, true)}
      {rate('output', t.output, true)}
      {rate('cached_input', t.cached)}
      {rate('cache_write', t.write)}
    </div>
  );
}
