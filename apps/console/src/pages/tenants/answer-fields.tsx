import { Form, type FormInstance, Input, InputNumber, Select, Switch } from 'antd';
import { Optional } from '../../components/form/optional.tsx';
import { TextArea } from '../../components/form/text-area.tsx';
import { Words } from '../../components/form/words.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  id: ['Id', 'ID'],
  idHint: ['Stands in URLs and records; cannot be changed later.', '会出现在地址和记录中，创建后不可修改。'],
  idRule: [
    '1–64 letters, digits, . _ - that begin with a letter or digit',
    '1–64 个字母、数字或 . _ -，以字母或数字开头',
  ],
  name: ['Name', '名称'],
  models: ['Models, the preferred one first', '模型（首选在前）'],
  modelsHint: [
    'The next one answers when one fails. Sort them on the page “Models”.',
    '前一个失败时由下一个回答，可在“模型”页面拖动排序。',
  ],
  prompt: ['Instructions for the model', '系统提示词'],
  scope: ['What counts as one conversation', '会话范围'],
  chat: ['the chat', '整个聊天'],
  thread: ['each thread', '每个话题'],
  user: ['each person', '每个用户'],
  turns: ['Questions it remembers', '记住的轮数'],
  ttl: ['Forgets after (seconds)', '遗忘时间（秒）'],
  timezone: ['Time zone', '时区'],
  timezoneHint: ['Where days and months begin, such as Asia/Shanghai.', '每日与每月的起点，例如 Asia/Shanghai。'],
  short: ['Short questions to a cheap model first', '短问题优先使用低价模型'],
  shortHint: ['Saves money where the big model is not needed.', '在不需要大模型时节省费用。'],
  characters: ['Up to so many characters', '字数上限'],
  model: ['Model', '模型'],
  cache: ['Answer repeated questions from a cache', '用缓存回答重复问题'],
  cacheHint: ['Only questions without a history.', '仅限没有上下文的问题。'],
  cacheTtl: ['Kept for (seconds)', '保留时间（秒）'],
  filtered: ['Ask the next model when one’s content filter refuses', '模型内容过滤拒绝时改用下一个模型'],
  regions: ['Only endpoints in these regions', '仅使用以下区域的接口'],
  regionsHint: ['Empty: all.', '留空表示不限。'],
});

interface Props {
  form: FormInstance;
  models: readonly string[];
  isNew: boolean;
}

/** Who answers, with what in mind. */
export function AnswerFields({ form, models, isNew }: Props) {
  const t = useText();
  const options = models.map((value) => ({ value, label: value }));
  return (
    <>
      <div className="grid" style={{ gap: '0 16px' }}>
        <Form.Item
          name="id"
          label={t.id}
          extra={isNew ? t.idHint : undefined}
          rules={[{ required: true, pattern: /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/, message: t.idRule }]}
        >
          <Input disabled={!isNew} spellCheck={false} />
        </Form.Item>
        <Form.Item name="name" label={t.name}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="timezone" label={t.timezone} extra={t.timezoneHint}>
          <Select showSearch options={timezones().map((value) => ({ value, label: value }))} />
        </Form.Item>
      </div>
      <Form.Item name="models" label={t.models} extra={t.modelsHint}>
        <Select mode="multiple" options={options} />
      </Form.Item>
      <Form.Item name="system_prompt" label={t.prompt}>
        <TextArea minRows={4} maxRows={20} maxLength={100_000} />
      </Form.Item>
      <div className="grid" style={{ '--min': '180px', gap: '0 16px' } as React.CSSProperties}>
        <Form.Item name={['session', 'scope']} label={t.scope}>
          <Select options={(['chat', 'thread', 'user'] as const).map((value) => ({ value, label: t[value] }))} />
        </Form.Item>
        <Form.Item name={['session', 'turns']} label={t.turns}>
          <InputNumber min={0} max={200} precision={0} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name={['session', 'ttl_seconds']} label={t.ttl}>
          <InputNumber min={1} max={30 * 86_400} precision={0} style={{ width: '100%' }} />
        </Form.Item>
      </div>
      <Optional
        form={form}
        name="short_query"
        title={t.short}
        hint={t.shortHint}
        initial={{ max_characters: 40, model: models.at(-1) }}
      >
        <div className="grid" style={{ gap: '0 16px' }}>
          <Form.Item name={['short_query', 'max_characters']} label={t.characters} rules={[{ required: true }]}>
            <InputNumber min={1} precision={0} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name={['short_query', 'model']} label={t.model} rules={[{ required: true }]}>
            <Select options={options} />
          </Form.Item>
        </div>
      </Optional>
      <Optional form={form} name="cache" title={t.cache} hint={t.cacheHint} initial={{ ttl_seconds: 3600 }}>
        <Form.Item name={['cache', 'ttl_seconds']} label={t.cacheTtl}>
          <InputNumber min={1} max={30 * 86_400} precision={0} style={{ width: 200 }} />
        </Form.Item>
      </Optional>
      <Form.Item name="fallback_when_filtered" label={t.filtered} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="regions" label={t.regions} extra={t.regionsHint}>
        <Words />
      </Form.Item>
    </>
  );
}

function timezones(): string[] {
  const all = Intl.supportedValuesOf('timeZone');
  return all.includes('UTC') ? all : ['UTC', ...all];
}
