import { Form, type FormInstance, Input, InputNumber, Select } from 'antd';
import { Optional } from '../../components/form/optional.tsx';
import { Words } from '../../components/form/words.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  budget: ['Monthly budget', '每月预算'],
  budgetHint: ['Reserved before it is spent: it cannot be overdrawn.', '先预留再支出，不会超支。'],
  monthly: ['USD a month', '每月（美元）'],
  userMonthly: ['USD a month for each person', '每人每月（美元）'],
  warn: ['Warn at (%)', '告警比例（%）'],
  exceeded: ['When it is used up', '用完后'],
  block: ['refuse, and say why', '拒绝并说明原因'],
  downgrade: ['go on with a cheaper model', '改用低价模型'],
  to: ['The cheaper model', '低价模型'],
  needed: ['Needed', '必填'],
  chat: ['A chat for warnings', '告警会话'],
  chatHint: ['Budget, anomalies and refused keys are told there.', '预算、异常用量与密钥被拒都会在此通知。'],
  channel: ['Channel', '渠道'],
  chatId: ['Chat id', '会话 ID'],
  anomaly: ['Notice unusual use', '发现异常用量'],
  anomalyHint: [
    'Tokens of one user or key in an hour, against the mean of their own last days.',
    '将某个用户或密钥一小时的 token 用量与其近几日均值比较。',
  ],
  factor: ['So many times the usual', '超过平时的倍数'],
  min: ['And at least so many tokens', '且不少于（token）'],
});

interface Props {
  form: FormInstance;
  models: readonly string[];
  channels: readonly string[];
}

/** What may be spent, and who hears when it runs out. */
export function BudgetFields({ form, models, channels }: Props) {
  const t = useText();
  const onExceeded: unknown = Form.useWatch(['budget', 'on_exceeded'], form);
  const needed = [{ required: true, message: t.needed }];
  return (
    <>
      <Optional
        form={form}
        name="budget"
        title={t.budget}
        hint={t.budgetHint}
        initial={{ monthly_usd: 100, warn_at: ['50', '80'], on_exceeded: 'block' }}
      >
        <div className="grid" style={{ gap: '0 16px' }}>
          <Form.Item name={['budget', 'monthly_usd']} label={t.monthly} rules={needed}>
            <InputNumber min={0.01} prefix="$" style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name={['budget', 'user_monthly_usd']} label={t.userMonthly}>
            <InputNumber min={0.01} prefix="$" style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name={['budget', 'warn_at']} label={t.warn}>
            <Words placeholder="50" />
          </Form.Item>
          <Form.Item name={['budget', 'on_exceeded']} label={t.exceeded}>
            <Select options={(['block', 'downgrade'] as const).map((value) => ({ value, label: t[value] }))} />
          </Form.Item>
          {onExceeded === 'downgrade' && (
            <Form.Item name={['budget', 'downgrade_to']} label={t.to} rules={needed}>
              <Select options={models.map((value) => ({ value, label: value }))} />
            </Form.Item>
          )}
        </div>
      </Optional>
      <Optional
        form={form}
        name="admin_chat"
        title={t.chat}
        hint={t.chatHint}
        initial={{ channel: channels[0], chat: '' }}
      >
        <div className="grid" style={{ gap: '0 16px' }}>
          <Form.Item name={['admin_chat', 'channel']} label={t.channel} rules={needed}>
            <Select options={channels.map((value) => ({ value, label: value }))} />
          </Form.Item>
          <Form.Item name={['admin_chat', 'chat']} label={t.chatId} rules={needed}>
            <Input spellCheck={false} />
          </Form.Item>
        </div>
      </Optional>
      <Optional
        form={form}
        name="anomaly"
        title={t.anomaly}
        hint={t.anomalyHint}
        initial={{ factor: 10, min_tokens: 50_000 }}
      >
        <div className="grid" style={{ gap: '0 16px' }}>
          <Form.Item name={['anomaly', 'factor']} label={t.factor}>
            <InputNumber min={2} max={1000} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name={['anomaly', 'min_tokens']} label={t.min}>
            <InputNumber min={1} precision={0} style={{ width: '100%' }} />
          </Form.Item>
        </div>
      </Optional>
    </>
  );
}
