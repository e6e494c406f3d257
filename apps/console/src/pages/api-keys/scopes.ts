import type { ApiScope } from '../../api/types.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  chat: ['ask questions', '提问'],
  models: ['list models', '列出模型'],
  quota: ['see its quota', '查看配额'],
  tokens: ['issue short-lived tokens', '签发短期令牌'],
});

/** What a key may do, in words. */
export function useScopeName(): (scope: string) => string {
  const t: Record<ApiScope, string> = useText();
  return (scope) => (t as Record<string, string>)[scope] ?? scope;
}
