import type { Config, Environment } from '@parley/core/config';
import { isChinese } from './commands/index.ts';

export interface Greeting {
  env: Environment;
  url: string;
  publicUrl: string | undefined;
  config: Config;
  /** Shown this once. */
  firstAdministrator: { username: string; password: string } | undefined;
}

/**
 * Tells the person at the terminal what runs where. On stderr: stdout belongs to the JSON log lines.
 */
export function greet({ env, url, publicUrl, config, firstAdministrator }: Greeting): void {
  const zh = isChinese(env);
  const base = publicUrl ?? url;
  const channels = config.channels.map(({ id, platform, transport }) =>
    transport === 'webhook'
      ? `  ${platform.padEnd(9)} POST ${base}/webhooks/${platform}/${id}`
      : `  ${platform.padEnd(9)} ${id} (${transport})`,
  );
  const models = config.models.map(({ id }) => id).join(', ');
  const none = zh ? '  （还没有配置机器人：见 README）' : '  (no bot is configured yet: see the README)';
  const lines = [
    `Parley ${zh ? '已就绪' : 'is ready'}: ${url}`,
    `${zh ? '机器人' : 'Bots'}:`,
    ...(channels.length > 0 ? channels : [none]),
    `${zh ? '模型' : 'Models'}: ${models || (zh ? 'echo（内置）' : 'echo (built in)')}`,
    `${zh ? '控制台' : 'Console'}: ${base}/`,
    ...(firstAdministrator ? [signIn(firstAdministrator, zh)] : []),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

function signIn({ username, password }: { username: string; password: string }, zh: boolean): string {
  return zh
    ? `  用户 ${username}，密码 ${password}（只显示这一次）`
    : `  user ${username}, password ${password} (shown this once)`;
}
