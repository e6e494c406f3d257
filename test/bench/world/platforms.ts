import type { LeanHandler } from './lean-server.ts';
import { FEISHU_BOT, SLACK_APP, SLACK_BOT_USER, SLACK_TEAM } from './people.ts';
import { lastReference } from './reference.ts';

/** What the platforms' side of the hub sees. */
export interface Seen {
  /** A call that shows something which carries a reference: of an answer, whole or in part. */
  onShown(id: number, call: PlatformCall): void;
}

export type PlatformCall = 'send' | 'edit' | 'append' | 'stop';

/** The APIs of all three platforms, as far as an answer needs them. They take everything and keep nothing. */
export function createPlatforms({ onShown }: Seen): LeanHandler {
  let made = 0;
  const slackPost = () => {
    const ts = `1800000000.${String(made++ % 1_000_000).padStart(6, '0')}`;
    return `{"ok":true,"channel":"D0BENCH","ts":"${ts}","message":{"type":"message","text":"x","ts":"${ts}"}}`;
  };
  const shown = (body: string, call: PlatformCall) => {
    const id = lastReference(body);
    if (id !== undefined) onShown(id, call);
  };

  const telegram = (method: string, body: string): string => {
    if (method === 'getMe') return telegramMe;
    if (method !== 'sendMessage' && method !== 'editMessageText') return '{"ok":true,"result":true}';
    shown(body, method === 'sendMessage' ? 'send' : 'edit');
    return `{"ok":true,"result":{"message_id":${++made},"date":1800000000,"chat":{"id":1,"type":"private"},"text":"x"}}`;
  };

  const slack = (method: string, body: string): string => {
    switch (method) {
      case 'auth.test':
        return slackIdentity;
      case 'chat.postMessage':
      case 'chat.startStream':
        shown(body, 'send');
        return slackPost();
      case 'chat.update':
        shown(body, 'edit');
        return slackPost();
      case 'chat.appendStream':
        shown(body, 'append');
        return slackPost();
      case 'chat.stopStream':
        shown(body, 'stop');
        return slackPost();
      case 'users.info':
        return slackUser;
      default:
        return '{"ok":true,"messages":[]}';
    }
  };

  const feishu = (path: string, body: string): string => {
    if (path.includes('/auth/')) return '{"code":0,"msg":"ok","tenant_access_token":"t-bench","expire":7200}';
    if (path.includes('/bot/v3/info')) return feishuMe;
    if (path.includes('/reactions')) return '{"code":0,"msg":"ok","data":{"reaction_id":"r1"}}';
    if (path.includes('/cardkit/')) {
      shown(body, 'edit');
      return `{"code":0,"msg":"ok","data":{"card_id":"card${made++}"}}`;
    }
    shown(body, 'send');
    return `{"code":0,"msg":"ok","data":{"message_id":"om_answer${made++}"}}`;
  };

  return ({ path, body }, reply) => {
    const [plain = ''] = path.split('?', 1);
    const method = plain.slice(plain.lastIndexOf('/') + 1);
    if (plain.startsWith('/bot')) reply.send(telegram(method, body));
    else if (plain.startsWith('/open-apis')) reply.send(feishu(plain, body));
    else reply.send(slack(method, body));
  };
}

const slackIdentity = JSON.stringify({
  ok: true,
  url: 'https://bench.slack.com/',
  team: 'Bench',
  user: 'bench',
  team_id: SLACK_TEAM,
  user_id: SLACK_BOT_USER,
  bot_id: 'B0BENCH',
  app_id: SLACK_APP,
});
const slackUser = JSON.stringify({ ok: true, user: { id: 'U0BENCH', name: 'ann', real_name: 'Ann', profile: {} } });
const telegramMe = JSON.stringify({
  ok: true,
  result: { id: 100_000, is_bot: true, first_name: 'Bench', username: 'bench_bot' },
});
const feishuMe = JSON.stringify({
  code: 0,
  msg: 'ok',
  bot: { open_id: FEISHU_BOT, app_name: 'Bench', activate_status: 2 },
});
