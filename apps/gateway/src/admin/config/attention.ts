import type { ConfigSource } from '@parley/core/config';
import type { Attention } from '../runtime/index.ts';
import type { ChannelHealth } from './channel-health.ts';
import { type ChannelStatus, statusOf } from './channel-status.ts';

type Warning = NonNullable<ChannelStatus['deaf_warning']>;

const WARNINGS: Record<Warning, { severity: Attention['severity']; en: string; zh: string }> = {
  signature_failures: {
    severity: 'error',
    en: 'Its events are refused: the signature does not fit. Compare the signing secret or the keys.',
    zh: '事件被拒绝：签名不符。请核对签名密钥。',
  },
  no_events: {
    severity: 'warning',
    en: 'No event has ever come in. Check the address and the events at the platform.',
    zh: '从未收到事件。请检查平台上的地址与事件订阅。',
  },
  only_ignored: {
    severity: 'warning',
    en: 'Events come in, and none of them is for the bot. Check triggers and scopes.',
    zh: '有事件进来，但没有一条是发给机器人的。请检查触发方式与权限。',
  },
};

/** Channels that only seem to be well, and configuration that does not count. */
export async function configAttention(
  config: Pick<ConfigSource, 'current' | 'lastError' | 'leftOut'>,
  health: ChannelHealth,
  tenants: readonly string[],
): Promise<Attention[]> {
  const channels = config.current.channels.filter(({ tenant }) => tenants.includes(tenant));
  const deaf = await Promise.all(
    channels.map(async (channel): Promise<Attention[]> => {
      const { deaf_warning: warning } = statusOf(channel, await health.read(channel.id), undefined, undefined);
      if (warning === null) return [];
      const { severity, en, zh } = WARNINGS[warning];
      const link = `/channels/${channel.id}`;
      return [{ kind: 'channel', severity, tenant: channel.tenant, subject: channel.id, message: { en, zh }, link }];
    }),
  );
  const hub = { tenant: null, link: '/settings/versions', kind: 'config', severity: 'error' as const };
  const refused: Attention[] = config.lastError
    ? [
        {
          ...hub,
          subject: 'file',
          message: {
            en: `The configuration file is refused, the last good one stays: ${config.lastError.issues.length} mistakes.`,
            zh: `配置文件被拒绝，仍使用上一个有效版本：${config.lastError.issues.length} 处错误。`,
          },
        },
      ]
    : [];
  const leftOut = config.leftOut.map(
    ({ path, message }): Attention => ({
      ...hub,
      severity: 'warning',
      subject: path,
      message: { en: `Left out of the configuration: ${message}`, zh: `未纳入配置：${message}` },
    }),
  );
  return [...deaf.flat(), ...refused, ...leftOut];
}
