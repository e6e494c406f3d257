import { Button, Form } from 'antd';
import { useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import type { GuardConfig, GuardTest } from '../../api/types.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { Panel } from '../../components/page.tsx';
import { Badge, Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { useMaskName } from './mask-names.ts';

const useText = texts({
  title: ['Try a message', '测试消息'],
  hint: [
    'Against what you see, saved or not. Nothing is sent anywhere.',
    '使用当前显示的设置，无论是否已保存，不会发送到任何地方。',
  ],
  text: ['Message', '消息'],
  run: ['Try', '测试'],
  refused: ['It would be refused', '会被拒绝'],
  passes: ['It would pass', '会通过'],
  injection: ['Looks like a prompt injection', '疑似提示词注入'],
  replaced: [(n: number) => `${n} words replaced`, (n: number) => `替换了 ${n} 个词`],
  masked: ['What the model would see', '模型看到的内容'],
});

export function GuardTester({ tenant, current }: { tenant: string; current: () => GuardConfig }) {
  const t = useText();
  const maskName = useMaskName();
  const { send, busy } = useSend();
  const [result, setResult] = useState<GuardTest>();
  const run = async ({ text }: { text: string }) => {
    const sent = await send('POST', '/guard/test', { body: { tenant, text, guard: current() } });
    if (sent.ok) setResult(sent.data);
  };
  return (
    <Panel title={t.title} hint={t.hint}>
      <Form name="guard-tester" layout="vertical" requiredMark={false} onFinish={run}>
        <Form.Item name="text" label={t.text} rules={[{ required: true }]}>
          <TextArea minRows={3} />
        </Form.Item>
        <div className="stack">
          <Button htmlType="submit" loading={busy} style={{ alignSelf: 'flex-start' }}>
            {t.run}
          </Button>
          {result && (
            <Notice tone={result.refused ? 'bad' : 'good'} title={result.refused ? t.refused : t.passes} live>
              <div className="stack tight">
                {result.refused && <span className="mono">{result.refused.by}</span>}
                <div className="row">
                  {result.found.map(({ kind, count }) => (
                    <Badge key={kind} tone="warn">
                      {maskName(kind)} × {count}
                    </Badge>
                  ))}
                  {result.injection && <Badge tone="bad">{t.injection}</Badge>}
                  {result.replaced > 0 && <Badge>{t.replaced(result.replaced)}</Badge>}
                </div>
                <span className="muted small">{t.masked}</span>
                <span className="pre">{result.masked}</span>
              </div>
            </Notice>
          )}
        </div>
      </Form>
    </Panel>
  );
}
