import { Form, InputNumber } from 'antd';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  minute: ['Requests a minute', '每分钟请求数'],
  hour: ['Requests an hour', '每小时请求数'],
  day: ['Requests a day', '每日请求数'],
  tokens_minute: ['Tokens a minute', '每分钟 token 数'],
  tokens_hour: ['Tokens an hour', '每小时 token 数'],
  tokens_day: ['Tokens a day', '每日 token 数'],
  none: ['no limit', '不限'],
});

export const LIMIT_WINDOWS = ['minute', 'hour', 'day', 'tokens_minute', 'tokens_hour', 'tokens_day'] as const;

/** The six limits of one level. Empty: no limit. */
export function LimitFields({ name }: { name: (string | number)[] }) {
  const t = useText();
  return (
    <div className="grid" style={{ '--min': '150px', gap: '0 16px' } as React.CSSProperties}>
      {LIMIT_WINDOWS.map((window) => (
        <Form.Item key={window} name={[...name, window]} label={t[window]} style={{ marginBottom: 12 }}>
          <InputNumber min={1} precision={0} placeholder={t.none} style={{ width: '100%' }} />
        </Form.Item>
      ))}
    </div>
  );
}
