import type { Environment } from '@parley/core/config';

export interface CommandInput {
  args: string[];
  env: Environment;
}

/** Does the command; resolves with the exit code. */
export type RunCommand = (input: CommandInput) => Promise<number>;

export interface Command {
  summary: { en: string; zh: string };
  /** How it is called, a line for each way; nothing but the name: it takes no arguments. */
  usage: readonly string[];
  /** Loads only what this command needs: the SDKs of all platforms and models take seconds. */
  load: () => Promise<RunCommand>;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  start: {
    summary: { en: 'everything in one process', zh: '在一个进程中运行全部功能' },
    usage: ['parley start'],
    load: async () => (await import('./run.ts')).start,
  },
  gateway: {
    summary: {
      en: 'take events in (needs REDIS_URL and DATABASE_URL)',
      zh: '接收平台事件（需要 REDIS_URL 和 DATABASE_URL）',
    },
    usage: ['parley gateway'],
    load: async () => (await import('./run.ts')).gateway,
  },
  worker: {
    summary: { en: 'answer (needs REDIS_URL and DATABASE_URL)', zh: '回答消息（需要 REDIS_URL 和 DATABASE_URL）' },
    usage: ['parley worker'],
    load: async () => (await import('./run.ts')).worker,
  },
  migrate: {
    summary: { en: 'bring the database schema up to date', zh: '将数据库结构升级到最新版本' },
    usage: ['parley migrate'],
    load: async () => (await import('./migrate.ts')).migrate,
  },
  check: {
    summary: { en: 'FILE: validate a configuration file', zh: 'FILE：检查配置文件' },
    usage: ['parley check FILE'],
    load: async () => (await import('./check.ts')).check,
  },
  doctor: {
    summary: {
      en: 'check Redis, Postgres, every bot and every model',
      zh: '检查 Redis、Postgres、每个机器人和每个模型',
    },
    usage: ['parley doctor'],
    load: async () => (await import('./doctor.ts')).doctor,
  },
  secrets: {
    summary: {
      en: 'rotate: re-encrypt stored secrets under PARLEY_NEW_MASTER_KEY',
      zh: 'rotate：用 PARLEY_NEW_MASTER_KEY 重新加密已保存的密钥',
    },
    usage: [
      'PARLEY_NEW_MASTER_KEY=… parley secrets rotate   (the hub is stopped; make one with: openssl rand -base64 32)',
      'PARLEY_OTHER_MASTER_KEY=OLD parley secrets rotate   (it runs, and PARLEY_MASTER_KEY is the new one)',
    ],
    load: async () => (await import('./secrets.ts')).secrets,
  },
  keys: {
    summary: {
      en: '[rotate-signing]: how old the keys of models and tokens are',
      zh: '[rotate-signing]：模型密钥与令牌签名密钥的使用时长',
    },
    usage: ['parley keys', 'parley keys rotate-signing   (tokens that are valid stay valid)'],
    load: async () => (await import('./keys.ts')).keys,
  },
  audit: {
    summary: {
      en: 'verify | export | erase-user | prune: the audit log',
      zh: 'verify | export | erase-user | prune：审计日志',
    },
    usage: [
      'parley audit verify [--tenant ID]',
      'parley audit export --tenant ID',
      'parley audit erase-user --tenant ID --user PSEUDONYM',
      'parley audit prune   (where only the owner of the tables may: delete what is too old)',
    ],
    load: async () => (await import('./audit.ts')).audit,
  },
  backup: {
    summary: {
      en: '[list | verify]: save the database, encrypted, to a folder or S3',
      zh: '[list | verify]：将数据库加密备份到文件夹或 S3',
    },
    usage: [
      'parley backup [--full] [--keep N] [--to PLACE]',
      'parley backup list [--json] [--to PLACE]',
      'parley backup verify [--backup ID | --to-time TIME] [--to PLACE]',
      '(PLACE: a folder or s3://BUCKET/PREFIX; without it PARLEY_BACKUP_TO)',
    ],
    load: async () => (await import('./backup.ts')).backup,
  },
  restore: {
    summary: { en: 'put a backup into an empty database', zh: '将备份恢复到空数据库' },
    usage: [
      'parley restore [--from PLACE] [--backup ID | --to-time TIME] [--force] [--configuration FILE]',
      '(the newest backup unless named; --force deletes what is in the database; FILE gets the configuration of then)',
    ],
    load: async () => (await import('./restore.ts')).restore,
  },
  cache: {
    summary: {
      en: 'purge: forget the answers kept for a tenant',
      zh: 'purge：清除为某个租户缓存的回答',
    },
    usage: ['parley cache purge --tenant ID'],
    load: async () => (await import('./cache.ts')).cache,
  },
  why: {
    summary: { en: 'TURN: why the bot answered so, or did not', zh: 'TURN：机器人为何这样回答或没有回答' },
    usage: ['parley why TURN   (the reference in a reply, or request_id in the log)'],
    load: async () => (await import('./why.ts')).why,
  },
  'dead-letters': {
    summary: {
      en: 'list | show | replay | drop: turns that could not be answered or delivered',
      zh: 'list | show | replay | drop：未能回答或送达的消息',
    },
    usage: [
      'parley dead-letters list [--tenant ID] [--limit N] [--before TURN] [--json]',
      'parley dead-letters show|replay|drop TURN [--tenant ID] [--json]',
    ],
    load: async () => (await import('./dead-letters.ts')).deadLetters,
  },
};

/** The list of commands, in the language of the terminal. */
export function usage(env: Environment): string {
  const zh = isChinese(env);
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(12)} ${zh ? summary.zh : summary.en}`,
  );
  return `${zh ? '用法' : 'Usage'}: parley COMMAND\n\n${lines.join('\n')}\n`;
}

/** How one command is called. */
export function usageOf({ usage: ways }: Command, env: Environment): string {
  const label = isChinese(env) ? '用法' : 'Usage';
  return ways
    .map((way, index) => `${index === 0 ? `${label}: ` : ' '.repeat(isChinese(env) ? 6 : 7)}${way}\n`)
    .join('');
}

/** Tells how a command is called that was called otherwise; resolves with its exit code. */
export function misused(name: keyof typeof COMMANDS, env: Environment): number {
  const command = COMMANDS[name];
  if (command) process.stderr.write(usageOf(command, env));
  return 2;
}

/** Whether the terminal speaks Chinese (POSIX locale variables, in their order of precedence). */
export function isChinese(env: Environment): boolean {
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').toLowerCase().startsWith('zh');
}
