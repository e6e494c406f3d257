import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Checkbox, Form, Input, Radio, Switch } from 'antd';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { type GuardConfig, type GuardEntry, MASKS } from '../../api/types.ts';
import { type Editing, useEditing } from '../../components/form/editing.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { Lines } from '../../components/form/lines.tsx';
import { OriginNotice } from '../../components/origin.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { GuardTester } from './guard-tester.tsx';
import { useMaskName } from './mask-names.ts';

const useText = texts({
  mask: ['Masked before the model, restored in the reply', '发给模型前脱敏，回复时还原'],
  patterns: ['Patterns of your own', '自定义脱敏规则'],
  patternName: [(n: number) => `Name of pattern ${n}`, (n: number) => `规则 ${n} 名称`],
  patternRegex: [(n: number) => `Regular expression of pattern ${n}`, (n: number) => `规则 ${n} 正则`],
  add: ['Add a pattern', '添加规则'],
  remove: ['Remove', '移除'],
  block: ['Refused words, one a line', '拦截词（每行一个）'],
  blockHint: ['In questions and answers; whoever asks is told so.', '用于提问与回答，会告知提问者。'],
  replace: ['Words that become ***, one a line', '替换为 *** 的词（每行一个）'],
  injection: ['What looks like a prompt injection', '疑似提示词注入'],
  flag: ['is noted in the timeline', '记录在处理过程中'],
  refuse: ['is refused', '拒绝'],
  off: ['is not looked for', '不检测'],
  dry: ['Only count, change nothing', '仅统计，不实际处理'],
  dryHint: ['To see what the guard would do before it does it.', '正式启用前观察效果。'],
  save: ['Save', '保存'],
  saved: ['Saved; in use within a second', '已保存，一秒内生效'],
  needed: ['Needed', '必填'],
});

const DEFAULTS = {
  mask: [],
  patterns: [],
  block_keywords: [],
  replace_keywords: [],
  injection: 'flag',
  dry_run: false,
} as const;

export function GuardEditor({ tenant }: { tenant: string }) {
  const answer = useGet(`/tenants/${seg(tenant)}/guard`);
  const editing = useEditing(answer);
  return (
    <Loaded of={answer}>
      {() =>
        editing.base && <GuardForm key={editing.version} tenant={tenant} entry={editing.base.data} editing={editing} />
      }
    </Loaded>
  );
}

interface Props {
  tenant: string;
  entry: GuardEntry;
  editing: Editing<GuardEntry>;
}

function GuardForm({ tenant, entry, editing }: Props) {
  const t = useText();
  const maskName = useMaskName();
  const { can } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<GuardConfig>();
  const mayWrite = can('guard:write', tenant) && !entry.read_only;
  const current = (): GuardConfig => ({ ...form.getFieldsValue(true), tenant });
  const save = async () => {
    const sent = await send('PUT', `/tenants/${seg(tenant)}/guard`, {
      body: { guard: current() },
      etag: editing.base?.etag,
      success: t.saved,
      refresh: ['/tenants', '/config'],
      onStale: editing.reload,
    });
    if (sent.ok) await editing.reload();
    else applyFieldErrors(form, sent.error);
  };
  return (
    <div className="grid two">
      <Form<GuardConfig>
        name="guard"
        form={form}
        layout="vertical"
        requiredMark={false}
        disabled={!mayWrite}
        initialValues={{ ...DEFAULTS, ...entry.guard }}
        onFinish={save}
      >
        <Panel>
          <OriginNotice origin={entry.origin} readOnly={entry.read_only} needs="guard:write" tenant={tenant} />
          <Form.Item name="mask" label={t.mask}>
            <Checkbox.Group options={MASKS.map((value) => ({ value, label: maskName(value) }))} />
          </Form.Item>
          <fieldset style={{ margin: '0 0 20px', padding: 0, border: 0 }}>
            <legend style={{ padding: '0 0 6px' }}>{t.patterns}</legend>
            <Form.List name="patterns">
              {(fields, { add, remove }) => (
                <div className="stack tight">
                  {fields.map(({ key, name }, index) => (
                    <div key={key} className="row nowrap" style={{ alignItems: 'flex-start' }}>
                      <Form.Item
                        name={[name, 'name']}
                        style={{ width: 150, marginBottom: 8 }}
                        rules={[{ required: true, message: t.needed }]}
                      >
                        <Input aria-label={t.patternName(index + 1)} placeholder="employee_id" spellCheck={false} />
                      </Form.Item>
                      <Form.Item
                        name={[name, 'regex']}
                        className="grow"
                        style={{ marginBottom: 8 }}
                        rules={[{ required: true, message: t.needed }]}
                      >
                        <Input
                          aria-label={t.patternRegex(index + 1)}
                          placeholder="E\d{6}"
                          className="mono"
                          spellCheck={false}
                        />
                      </Form.Item>
                      <Button
                        icon={<DeleteOutlined aria-hidden />}
                        aria-label={`${t.remove}: ${t.patternName(index + 1)}`}
                        onClick={() => remove(name)}
                      />
                    </div>
                  ))}
                  <div>
                    <Button icon={<PlusOutlined aria-hidden />} onClick={() => add({ name: '', regex: '' })}>
                      {t.add}
                    </Button>
                  </div>
                </div>
              )}
            </Form.List>
          </fieldset>
          <div className="grid" style={{ gap: '0 16px' }}>
            <Form.Item name="block_keywords" label={t.block} extra={t.blockHint}>
              <Lines />
            </Form.Item>
            <Form.Item name="replace_keywords" label={t.replace}>
              <Lines />
            </Form.Item>
          </div>
          <Form.Item name="injection" label={t.injection}>
            <Radio.Group options={(['flag', 'refuse', 'off'] as const).map((value) => ({ value, label: t[value] }))} />
          </Form.Item>
          <Form.Item name="dry_run" label={t.dry} extra={t.dryHint} valuePropName="checked">
            <Switch />
          </Form.Item>
          {mayWrite && (
            <Button type="primary" htmlType="submit" loading={busy}>
              {t.save}
            </Button>
          )}
        </Panel>
      </Form>
      <GuardTester tenant={tenant} current={current} />
    </div>
  );
}
