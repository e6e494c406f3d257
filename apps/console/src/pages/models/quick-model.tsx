import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import type { ModelCheck, ModelConfig, Provider } from '../../api/types.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { SecretInput } from '../../components/form/secret-input.tsx';
import { Notice } from '../../components/status.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { PROVIDER_FACTS, PROVIDERS } from './providers.ts';

const useText = texts({
  provider: ['Provider', '提供商'],
  model: ['Model', '模型'],
  modelHint: ['As the provider calls it.', '提供商使用的模型名称。'],
  id: ['Name in Parley', '在 Parley 中的名称'],
  key: ['API key', 'API 密钥'],
  address: ['Address', '接口地址'],
  addressHint: ['Empty: the provider’s own.', '留空使用提供商默认地址。'],
  check: ['Check and add', '检查并添加'],
  works: [(time: string) => `The model answered in ${time}`, (time: string) => `模型已应答，用时 ${time}`],
  failed: ['The model did not answer', '模型没有应答'],
  needed: ['Needed', '必填'],
});

interface Values {
  id: string;
  provider: Provider;
  model?: string;
  key?: string;
  base_url?: string;
}

/** The few things a first model needs; it is asked once before it is saved. */
export function QuickModel({ saved }: { saved: (config: ModelConfig) => void }) {
  const t = useText();
  const format = useFormat();
  const { send, busy } = useSend();
  const [form] = Form.useForm<Values>();
  const [check, setCheck] = useState<ModelCheck>();
  const provider = Form.useWatch('provider', form) ?? 'openai';
  const facts = PROVIDER_FACTS[provider];

  const add = async ({ id, provider: by, model, key, base_url }: Values) => {
    const config: ModelConfig = {
      id,
      provider: by,
      ...(model ? { model } : {}),
      ...(key ? { keys: [key] } : {}),
      ...(base_url ? { endpoints: [{ base_url }] } : {}),
    };
    const tried = await send('POST', '/models/check', { body: { config } });
    if (!tried.ok) return applyFieldErrors(form, tried.error);
    setCheck(tried.data);
    if (!tried.data.ok) return;
    const sent = await send('POST', '/models', {
      body: { config },
      refresh: ['/models', '/config'],
      creates: true,
    });
    if (sent.ok) saved(config);
    else applyFieldErrors(form, sent.error);
  };
  const suggest = (next: Provider) => {
    const { example } = PROVIDER_FACTS[next];
    form.setFieldsValue({ model: example, id: example || next });
  };
  const needed = [{ required: true, message: t.needed }];
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      initialValues={{ provider: 'openai', model: PROVIDER_FACTS.openai.example, id: PROVIDER_FACTS.openai.example }}
      onFinish={add}
    >
      <div className="grid" style={{ gap: '0 16px' }}>
        <Form.Item name="provider" label={t.provider}>
          <Select
            onChange={suggest}
            options={PROVIDERS.map((value) => ({ value, label: PROVIDER_FACTS[value].name }))}
          />
        </Form.Item>
        {provider !== 'echo' && (
          <Form.Item name="model" label={t.model} extra={t.modelHint}>
            <Input spellCheck={false} placeholder={facts.example} />
          </Form.Item>
        )}
        <Form.Item name="id" label={t.id} rules={needed}>
          <Input spellCheck={false} />
        </Form.Item>
      </div>
      {provider !== 'echo' && (
        <>
          <Form.Item name="key" label={t.key} rules={facts.needsKey ? needed : []}>
            <SecretInput />
          </Form.Item>
          <Form.Item
            name="base_url"
            label={t.address}
            extra={facts.needsEndpoint ? undefined : t.addressHint}
            rules={facts.needsEndpoint ? needed : []}
          >
            <Input inputMode="url" spellCheck={false} placeholder={facts.endpoint} />
          </Form.Item>
        </>
      )}
      <div className="stack">
        {check && (
          <Notice tone={check.ok ? 'good' : 'bad'} title={check.ok ? t.works(format.ms(check.ms)) : t.failed} live>
            {!check.ok && <span className="pre">{check.message}</span>}
          </Notice>
        )}
        <Button type="primary" htmlType="submit" loading={busy} style={{ alignSelf: 'flex-start' }}>
          {t.check}
        </Button>
      </div>
    </Form>
  );
}
