import { Form, Input, Modal, Radio, Select } from 'antd';
import { useGet } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { RuleConfig } from '../../api/types.ts';
import { Lines } from '../../components/form/lines.tsx';
import { TextArea } from '../../components/form/text-area.tsx';
import { texts } from '../../i18n/texts.ts';
import { type RuleValues, toRule, toRuleValues } from './rule-values.ts';

const useText = texts({
  title: ['Rule', '规则'],
  when: ['When the message', '当消息'],
  exact: ['is exactly one of', '完全等于其中之一'],
  prefix: ['begins with one of', '以其中之一开头'],
  keywords: ['contains one of', '包含其中之一'],
  regex: ['matches a regular expression', '匹配正则表达式'],
  words: ['Texts, one a line', '文本（每行一个）'],
  expression: ['Regular expression (RE2)', '正则表达式（RE2）'],
  action: ['Then', '则'],
  reply: ['reply with a text', '回复固定文本'],
  model: ['ask a certain model', '调用指定模型'],
  ignore: ['stay silent', '不回答'],
  text: ['Reply', '回复内容'],
  which: ['Model', '模型'],
  ok: ['Done', '完成'],
  cancel: ['Cancel', '取消'],
  needed: ['Needed', '必填'],
});

interface Props {
  tenant: string;
  rule: RuleConfig | undefined;
  close: () => void;
  save: (rule: RuleConfig) => void;
}

export function RuleDialog({ tenant, rule, close, save }: Props) {
  const t = useText();
  const { can } = useSession();
  const [form] = Form.useForm<RuleValues>();
  const kind = Form.useWatch('kind', form) ?? 'exact';
  const action = Form.useWatch('action', form) ?? 'reply';
  const models = useGet('/models', {}, { enabled: can('model:read') });
  const needed = [{ required: true, message: t.needed }];
  return (
    <Modal
      open
      title={t.title}
      okText={t.ok}
      cancelText={t.cancel}
      onCancel={close}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form<RuleValues>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={rule ? toRuleValues(rule) : { kind: 'exact', action: 'reply', words: [] }}
        onFinish={(values) => save(toRule(tenant, values))}
      >
        <Form.Item name="kind" label={t.when}>
          <Select
            options={(['exact', 'prefix', 'keywords', 'regex'] as const).map((value) => ({ value, label: t[value] }))}
          />
        </Form.Item>
        {kind === 'regex' ? (
          <Form.Item name="regex" label={t.expression} rules={needed}>
            <Input className="mono" spellCheck={false} maxLength={1000} />
          </Form.Item>
        ) : (
          <Form.Item
            name="words"
            label={t.words}
            rules={[{ required: true, type: 'array', min: 1, message: t.needed }]}
          >
            <Lines />
          </Form.Item>
        )}
        <Form.Item name="action" label={t.action}>
          <Radio.Group
            vertical
            options={(['reply', 'model', 'ignore'] as const).map((value) => ({ value, label: t[value] }))}
          />
        </Form.Item>
        {action === 'reply' && (
          <Form.Item name="reply" label={t.text} rules={needed}>
            <TextArea minRows={3} maxLength={20_000} />
          </Form.Item>
        )}
        {action === 'model' && (
          <Form.Item name="model" label={t.which} rules={needed}>
            <Select options={(models.data?.data.items ?? []).map(({ id }) => ({ value: id, label: id }))} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
