import { Button, Form } from 'antd';
import { useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import type { RuleConfig, RuleTest } from '../../api/types.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { Panel } from '../../components/page.tsx';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Try a message', '测试消息'],
  hint: ['Against what you see, saved or not.', '使用当前显示的规则，无论是否已保存。'],
  text: ['Message', '消息'],
  run: ['Try', '测试'],
  none: ['No rule matches: a model answers.', '没有规则匹配，将由模型回答。'],
  rule: [(n: number) => `Rule ${n} matches`, (n: number) => `匹配规则 ${n}`],
  ignore: ['The bot stays silent.', '机器人不回答。'],
  model: [(id: string) => `${id} is asked.`, (id: string) => `将调用 ${id}。`],
});

export function RuleTester({ tenant, rules }: { tenant: string; rules: readonly RuleConfig[] }) {
  const t = useText();
  const { send, busy } = useSend();
  const [result, setResult] = useState<RuleTest>();
  const run = async ({ text }: { text: string }) => {
    const sent = await send('POST', '/rules/test', { body: { tenant, text, rules } });
    if (sent.ok) setResult(sent.data);
  };
  const { matched } = result ?? {};
  return (
    <Panel title={t.title} hint={t.hint}>
      <Form name="rule-tester" layout="vertical" requiredMark={false} onFinish={run}>
        <Form.Item name="text" label={t.text} rules={[{ required: true }]}>
          <TextArea />
        </Form.Item>
        <div className="stack">
          <Button htmlType="submit" loading={busy} style={{ alignSelf: 'flex-start' }}>
            {t.run}
          </Button>
          {matched === null && <Notice tone="accent">{t.none}</Notice>}
          {matched && (
            <Notice tone="good" title={t.rule(matched.index + 1)} live>
              <span className="pre">
                {matched.action === 'ignore'
                  ? t.ignore
                  : matched.action === 'model'
                    ? t.model(matched.text ?? '')
                    : matched.text}
              </span>
            </Notice>
          )}
        </div>
      </Form>
    </Panel>
  );
}
