import { Button, DatePicker, Form, InputNumber } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { seg } from '../../api/client.ts';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Quota } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { MayNotChange } from '../../components/origin.tsx';
import { Panel } from '../../components/page.tsx';
import { Notice } from '../../components/status.tsx';
import { At } from '../../components/time.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Raise for a period', '临时提额'],
  hint: ['For a launch or a busy week; ends by itself.', '用于活动或繁忙时段，到期自动恢复。'],
  until: ['Until', '截止时间'],
  factor: ['Times the usual limits', '限额倍数'],
  budget: ['Additional budget (USD)', '追加预算（美元）'],
  raise: ['Raise', '提额'],
  raised: ['Raised', '已提额'],
  active: [
    (factor: number) => `Limits are ${factor} times the usual`,
    (factor: number) => `当前限额为平时的 ${factor} 倍`,
  ],
  end: ['End it now', '立即结束'],
  endWhy: ['The usual limits hold at once.', '将立即恢复正常限额。'],
  ended: ['The usual limits hold again', '已恢复正常限额'],
  needed: ['Needed', '必填'],
});

interface Values {
  until: Dayjs;
  factor: number;
  budget_usd?: number;
}

export function RaisePanel({ raise, tenant }: { raise: Quota['raise']; tenant: string }) {
  const t = useText();
  const { can } = useSession();
  const { send, busy } = useSend();
  const confirm = useConfirm();
  const [form] = Form.useForm<Values>();
  const mayWrite = can('quota:write', tenant);
  const path = `/tenants/${seg(tenant)}/raise` as const;
  const refresh = ['/quota', '/tenants'];
  const start = async ({ until, factor, budget_usd }: Values) => {
    const body = { until: until.toISOString(), factor, ...(budget_usd ? { budget_usd } : {}) };
    const sent = await send('POST', path, { body, success: t.raised, refresh, creates: true });
    if (!sent.ok) applyFieldErrors(form, sent.error);
  };
  const end = () =>
    confirm({
      title: t.end,
      content: t.endWhy,
      ok: t.end,
      run: () => send('DELETE', path, { success: t.ended, refresh }),
    });
  return (
    <Panel title={t.title} hint={t.hint}>
      {raise ? (
        <Notice
          tone="accent"
          title={t.active(raise.factor)}
          action={
            mayWrite && (
              <Button size="small" onClick={end}>
                {t.end}
              </Button>
            )
          }
        >
          {t.until} <At at={raise.until} />
        </Notice>
      ) : (
        <Form<Values>
          form={form}
          layout="vertical"
          disabled={!mayWrite}
          initialValues={{ factor: 2, until: dayjs().add(7, 'day').endOf('day') }}
          onFinish={start}
        >
          <MayNotChange needs="quota:write" tenant={tenant} />
          <div className="grid" style={{ '--min': '200px', gap: '0 16px' } as React.CSSProperties}>
            <Form.Item name="until" label={t.until} rules={[{ required: true, message: t.needed }]}>
              <DatePicker
                showTime={{ format: 'HH:mm' }}
                format="YYYY-MM-DD HH:mm"
                minDate={dayjs()}
                style={{ width: '100%' }}
              />
            </Form.Item>
            <Form.Item name="factor" label={t.factor} rules={[{ required: true, message: t.needed }]}>
              <InputNumber min={1} max={1000} step={0.5} style={{ width: '100%' }} />
            </Form.Item>
            <Form.Item name="budget_usd" label={t.budget}>
              <InputNumber min={0} prefix="$" style={{ width: '100%' }} />
            </Form.Item>
          </div>
          <Button htmlType="submit" loading={busy}>
            {t.raise}
          </Button>
        </Form>
      )}
    </Panel>
  );
}
