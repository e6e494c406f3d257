// Events as the platforms send them, each a question of another person in another chat, signed as the platforms sign.
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

/**
 * What makes one request after the other for a channel: `{ headers, body }`. Secrets come from the environment, under the
 * names of the quick start: SLACK_SIGNING_SECRET, TELEGRAM_WEBHOOK_SECRET, FEISHU_ENCRYPT_KEY, FEISHU_VERIFICATION_TOKEN.
 *
 * @param {'slack' | 'telegram' | 'feishu'} platform
 * @param {Record<string, string | undefined>} env
 * @param {string} text the question; its number is added, so that no answer cache has it
 */
export function createEvents(platform, env, text) {
  const run = randomBytes(3).toString('hex');
  let number = 0;
  const required = (name) => {
    if (!env[name]) throw new Error(`${name} is not set`);
    return env[name];
  };
  const makers = {
    slack() {
      const secret = required('SLACK_SIGNING_SECRET');
      return (n) => {
        const ts = `${Math.floor(Date.now() / 1000)}.${String(n % 1_000_000).padStart(6, '0')}`;
        const chat = `D0${run.toUpperCase()}${n}`;
        const body = JSON.stringify({
          type: 'event_callback',
          team_id: 'T0LOAD',
          api_app_id: 'A0LOAD',
          event_id: `Ev${run}${n}`,
          event_time: Math.floor(Date.now() / 1000),
          event: { type: 'message', channel_type: 'im', channel: chat, user: `U0LOAD${n}`, ts, text: `${text} ${n}` },
        });
        const at = String(Math.floor(Date.now() / 1000));
        const digest = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
        return { headers: { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${digest}` }, body };
      };
    },
    telegram() {
      const secret = required('TELEGRAM_WEBHOOK_SECRET');
      const first = Number.parseInt(run, 16) * 1000;
      return (n) => {
        const from = { id: first + n, is_bot: false, first_name: 'Load', language_code: 'en' };
        const message = {
          message_id: n,
          date: Math.floor(Date.now() / 1000),
          chat: { id: from.id, type: 'private', first_name: 'Load' },
          from,
          text: `${text} ${n}`,
        };
        const body = JSON.stringify({ update_id: first + n, message });
        return { headers: { 'x-telegram-bot-api-secret-token': secret }, body };
      };
    },
    feishu() {
      const encryptKey = required('FEISHU_ENCRYPT_KEY');
      const token = required('FEISHU_VERIFICATION_TOKEN');
      const key = createHash('sha256').update(encryptKey).digest();
      return (n) => {
        const id = `${run}${n}`;
        const event = {
          sender: { sender_id: { open_id: `ou_${id}`, user_id: id, union_id: `on_${id}` }, sender_type: 'user' },
          message: {
            message_id: `om_${id}`,
            create_time: String(Date.now()),
            chat_id: `oc_${id}`,
            chat_type: 'p2p',
            message_type: 'text',
            content: JSON.stringify({ text: `${text} ${n}` }),
          },
        };
        const header = { event_id: id, token, create_time: String(Date.now()), event_type: 'im.message.receive_v1' };
        const iv = randomBytes(16);
        const cipher = createCipheriv('aes-256-cbc', key, iv);
        const plain = JSON.stringify({ schema: '2.0', header, event });
        const sealed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
        const body = JSON.stringify({ encrypt: sealed });
        const [at, nonce] = [String(Math.floor(Date.now() / 1000)), String(n)];
        const signature = createHash('sha256')
          .update(at + nonce + encryptKey + body)
          .digest('hex');
        return {
          headers: {
            'x-lark-request-timestamp': at,
            'x-lark-request-nonce': nonce,
            'x-lark-signature': signature,
          },
          body,
        };
      };
    },
  };
  if (!Object.hasOwn(makers, platform)) throw new Error(`--platform: one of ${Object.keys(makers).join(', ')}`);
  const make = makers[platform]();
  return () => make(++number);
}
