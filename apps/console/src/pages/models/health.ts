import type { ModelStatus } from '../../api/types.ts';
import type { Tone } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  ok: ['Ready', '就绪'],
  open: ['Paused after failures', '连续失败，已暂停'],
  trying: ['Trying again', '正在重试'],
  refused: ['Key refused', '密钥被拒绝'],
  cooling: ['A key is cooling down', '有密钥在冷却'],
});

export interface ModelHealth {
  tone: Tone;
  label: string;
  /** To the first token, of the fastest endpoint. */
  ttftMs: number | undefined;
}

/** A model's state as one word and a colour: the best endpoint decides, a refused key is worth saying. */
export function useModelHealth(): (status: ModelStatus) => ModelHealth {
  const t = useText();
  return ({ keys, endpoints }) => {
    const times = endpoints.flatMap(({ ttft_ms }) => (ttft_ms === null ? [] : [ttft_ms]));
    const ttftMs = times.length > 0 ? Math.min(...times) : undefined;
    const all = (list: readonly unknown[], test: boolean) => list.length > 0 && test;
    if (
      all(
        keys,
        keys.every(({ state }) => state === 'refused'),
      )
    )
      return { tone: 'bad', label: t.refused, ttftMs };
    if (
      all(
        endpoints,
        endpoints.every(({ breaker }) => breaker === 'open'),
      )
    )
      return { tone: 'bad', label: t.open, ttftMs };
    if (endpoints.some(({ breaker }) => breaker === 'half_open')) return { tone: 'warn', label: t.trying, ttftMs };
    if (keys.some(({ state }) => state === 'refused')) return { tone: 'warn', label: t.refused, ttftMs };
    if (keys.some(({ state }) => state === 'cooling')) return { tone: 'warn', label: t.cooling, ttftMs };
    return { tone: 'good', label: t.ok, ttftMs };
  };
}
