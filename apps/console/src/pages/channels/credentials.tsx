import { Form, Input, Radio } from 'antd';
import type { Platform } from '../../api/types.ts';
import { SecretInput } from '../../components/form/secret-input.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  transport: ['How events arrive', '接收事件的方式'],
  webhook: ['Webhook: the platform calls this hub', 'Webhook：平台主动调用本服务'],
  socket: [
    'Long connection: this hub calls the platform, no public address needed',
    '长连接：由本服务连接平台，无需公网地址',
  ],
  polling: [
    'Polling: this hub asks Telegram, no public address needed',
    '轮询：由本服务向 Telegram 拉取，无需公网地址',
  ],
  app_id: ['App ID', 'App ID'],
  app_secret: ['App secret', 'App Secret'],
  encrypt_key: ['Encrypt key', 'Encrypt Key'],
  verification_token: ['Verification token', 'Verification Token'],
  bot_token: ['Bot token', '机器人令牌（Bot Token）'],
  webhook_secret: ['Webhook secret', 'Webhook 密钥'],
  signing_secret: ['Signing secret', '签名密钥（Signing Secret）'],
  app_token: ['App-level token', '应用级令牌（App-Level Token）'],
  app_id_hint: [
    'Developer console → Credentials & basic info. Begins with cli_.',
    '开发者后台 → 凭证与基础信息，以 cli_ 开头。',
  ],
  encrypt_hint: [
    'Events & callbacks → Encryption. This or the verification token is needed.',
    '事件与回调 → 加密策略。与 Verification Token 至少填写一个。',
  ],
  telegram_hint: ['From @BotFather, such as 123456:ABC…', '由 @BotFather 提供，例如 123456:ABC…'],
  secret_hint: [
    'Your own choice: 1–256 letters, digits, _ or -. Telegram sends it with every update.',
    '自行设定：1–256 个字母、数字、_ 或 -，Telegram 会在每次推送时携带。',
  ],
  slack_hint: ['OAuth & Permissions. Begins with xoxb-.', 'OAuth & Permissions 页面，以 xoxb- 开头。'],
  signing_hint: ['Basic Information → App Credentials.', 'Basic Information → App Credentials。'],
  app_token_hint: [
    'Basic Information → App-Level Tokens, scope connections:write. Begins with xapp-.',
    'Basic Information → App-Level Tokens，权限 connections:write，以 xapp- 开头。',
  ],
  needed: ['Needed', '必填'],
});

type Words = ReturnType<typeof useText>;
interface Field {
  name: string;
  hint?: keyof Words;
  isText?: boolean;
  /** Transports that cannot do without it. */
  neededBy?: readonly string[];
  onlyFor?: readonly string[];
}

const EVERY = ['webhook', 'socket', 'polling'];
const FIELDS: Record<Platform, readonly Field[]> = {
  feishu: [
    { name: 'app_id', hint: 'app_id_hint', isText: true, neededBy: EVERY },
    { name: 'app_secret', neededBy: EVERY },
    { name: 'encrypt_key', hint: 'encrypt_hint', onlyFor: ['webhook'] },
    { name: 'verification_token', onlyFor: ['webhook'] },
  ],
  telegram: [
    { name: 'bot_token', hint: 'telegram_hint', neededBy: EVERY },
    { name: 'webhook_secret', hint: 'secret_hint', neededBy: ['webhook'], onlyFor: ['webhook'] },
  ],
  slack: [
    { name: 'bot_token', hint: 'slack_hint', neededBy: EVERY },
    { name: 'signing_secret', hint: 'signing_hint', neededBy: ['webhook'], onlyFor: ['webhook'] },
    { name: 'app_token', hint: 'app_token_hint', neededBy: ['socket'], onlyFor: ['socket'] },
  ],
};

const TRANSPORTS: Record<Platform, readonly ('webhook' | 'socket' | 'polling')[]> = {
  feishu: ['webhook', 'socket'],
  telegram: ['webhook', 'polling'],
  slack: ['webhook', 'socket'],
};

/** How a platform is reached and with which secrets. */
export function CredentialFields({ platform, transport }: { platform: Platform; transport: string }) {
  const t = useText();
  const shown = FIELDS[platform].filter(({ onlyFor }) => !onlyFor || onlyFor.includes(transport));
  return (
    <>
      <Form.Item name="transport" label={t.transport}>
        <Radio.Group options={TRANSPORTS[platform].map((value) => ({ value, label: t[value] }))} vertical />
      </Form.Item>
      {shown.map(({ name, hint, isText, neededBy }) => (
        <Form.Item
          key={name}
          name={['credentials', name]}
          label={t[name as keyof Words]}
          extra={hint && t[hint]}
          rules={neededBy?.includes(transport) ? [{ required: true, message: t.needed }] : []}
        >
          {isText ? <Input spellCheck={false} autoComplete="off" /> : <SecretInput />}
        </Form.Item>
      ))}
    </>
  );
}
