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
  log: ['Put the question (masked) into the log line', '在日志中写入提问（已脱敏）'],
  logHint: ['For debugging; logs are often kept elsewhere and longer.', '用于调试；注意日志通常会在别处保存更久。'],
});

/** What is remembered, and for how long. */
export function RecordFields() {
  const t = useText();
  const days = <InputNumber min={1} max={3650} precision={0} style={{ width: 160 }} />;
  return (
    <>
      <Form.Item name={['transcripts', 'keep']} label={t.keep} extra={t.keepHint} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name={['transcripts', 'days']} label={t.days}>
        {days}
      </Form.Item>
      <Form.Item name={['audit', 'days']} label={t.audit}>
        {days}
      </Form.Item>
      <Form.Item name="log_prompts" label={t.log} extra={t.logHint} valuePropName="checked">
        <Switch />
      </Form.Item>
    </>
  );
}
