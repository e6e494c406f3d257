import { Form, InputNumber, Switch } from 'antd';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  keep: ['Keep what was said', '保存对话内容'],
  keepHint: [
    'Without it, conversations show no text and nothing can be replayed.',
    '关闭后会话不显示文字，也无法重新提问。',
  ],
  days: ['For so many days', '保留天数'],
  audit: ['Keep the audit log for so many days', '审计日志保留天数'],
  turns: ['Keep turns for so many days', '处理记录保留天数'],
  turnsHint: [
    'Each question’s timeline and outcome. What was said in it goes with it.',
    '每个问题的处理过程与结果。到期时其中的对话内容一并删除。',
  ],
  ledger: ['Keep what every question cost for so many days', '费用账目保留天数'],
  ledgerHint: [
    'At least 62: budgets are rebuilt from it, and usage cannot be shown further back.',
    '至少 62 天：预算依此重建，更早的用量将无法查看。',
  ],
  log: ['Put the question (masked) into the log line', '在日志中写入提问（已脱敏）'],
  logHint: ['For debugging; logs are often kept elsewhere and longer.', '用于调试；注意日志通常会在别处保存更久。'],
});

/** What is remembered, and for how long. */
export function RecordFields() {
  const t = useText();
  const days = (least = 1) => <InputNumber min={least} max={3650} precision={0} style={{ width: 160 }} />;
  return (
    <>
      <Form.Item name={['transcripts', 'keep']} label={t.keep} extra={t.keepHint} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name={['transcripts', 'days']} label={t.days}>
        {days()}
      </Form.Item>
      <Form.Item name={['audit', 'days']} label={t.audit}>
        {days()}
      </Form.Item>
      <Form.Item name={['turns', 'days']} label={t.turns} extra={t.turnsHint}>
        {days()}
      </Form.Item>
      <Form.Item name={['ledger', 'days']} label={t.ledger} extra={t.ledgerHint}>
        {days(62)}
      </Form.Item>
      <Form.Item name="log_prompts" label={t.log} extra={t.logHint} valuePropName="checked">
        <Switch />
      </Form.Item>
    </>
  );
}
