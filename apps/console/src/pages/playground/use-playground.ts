import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, callRaw } from '../../api/client.ts';
import { readEvents } from '../../api/stream.ts';
import type { PlaygroundDone } from '../../api/types.ts';

export interface Said {
  role: 'user' | 'assistant';
  content: string;
}

interface Problem {
  code: string;
  message: string;
}

/** A conversation with a tenant's configuration, its answers streamed. */
export function usePlayground(tenant: string, model: string | undefined) {
  const [messages, setMessages] = useState<Said[]>([]);
  const [done, setDone] = useState<PlaygroundDone>();
  const [error, setError] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const ask = useCallback(
    async (text: string) => {
      const asked: Said[] = [...messages.filter(({ content }) => content !== ''), { role: 'user', content: text }];
      const controller = new AbortController();
      abort.current = controller;
      setMessages([...asked, { role: 'assistant', content: '' }]);
      setDone(undefined);
      setError(undefined);
      setBusy(true);
      let answer = '';
      try {
        const body = { tenant, messages: asked, ...(model ? { model } : {}) };
        const response = await callRaw('POST', '/playground', { body, signal: controller.signal });
        if (!response.body) return;
        for await (const { event, data } of readEvents(response.body)) {
          if (event === 'delta') {
            answer += String(Reflect.get(Object(data), 'text') ?? '');
            setMessages([...asked, { role: 'assistant', content: answer }]);
          } else if (event === 'done') setDone(data as PlaygroundDone);
          else if (event === 'error') setError(Reflect.get(Object(data), 'error') as Problem);
        }
      } catch (thrown) {
        if (controller.signal.aborted) return;
        const { code, message } = thrown instanceof ApiError ? thrown : new ApiError(0, 'network', String(thrown));
        setError({ code, message });
      } finally {
        // An answer that never began leaves no empty bubble.
        if (answer === '') setMessages(asked);
        setBusy(false);
      }
    },
    [messages, tenant, model],
  );
  const clear = useCallback(() => {
    setMessages([]);
    setDone(undefined);
    setError(undefined);
  }, []);
  return { messages, done, error, isBusy, ask, stop: () => abort.current?.abort(), clear };
}
