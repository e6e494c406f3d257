import { useCallback } from 'react';
import type { ApiError } from '../api/client.ts';
import { texts } from '../i18n/texts.ts';

const useText = texts({
  network: ['The hub cannot be reached. Is it running?', '无法连接到服务，请确认它正在运行。'],
  forbidden: ['You may not do this.', '你没有执行此操作的权限。'],
  not_found: ['This no longer exists.', '内容已不存在。'],
  rate_limited: ['Too many attempts. Try again in a while.', '尝试次数过多，请稍后再试。'],
  unavailable: ['The hub cannot do this right now. Try again in a moment.', '服务暂时不可用，请稍后重试。'],
  unauthorized: ['Please sign in again.', '请重新登录。'],
  reference: [(id: string) => ` (reference ${id})`, (id: string) => `（编号 ${id}）`],
});

/** An error in words for the person at the screen; the server's own words where they are more exact than ours. */
export function useErrorText(): (error: ApiError) => string {
  const t = useText();
  return useCallback(
    (error) => {
      const own: Record<string, string> = {
        network: t.network,
        forbidden: t.forbidden,
        not_found: t.not_found,
        rate_limited: t.rate_limited,
        unavailable: t.unavailable,
        unauthorized: t.unauthorized,
      };
      const words = own[error.code] ?? error.message;
      return error.status >= 500 && error.requestId ? words + t.reference(error.requestId) : words;
    },
    [t],
  );
}
