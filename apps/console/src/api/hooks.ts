import {
  type InfiniteData,
  keepPreviousData,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { App } from 'antd';
import { useCallback, useState } from 'react';
import { useErrorText } from '../components/error-text.ts';
import { texts } from '../i18n/texts.ts';
import { ApiError, call, type Got, type Method, newIdempotencyKey, type Query } from './client.ts';
import type { AnswerOf, BodyOf, Known, QueryOf } from './contract.ts';
import type { Page } from './types.ts';

export type Answer<T> = UseQueryResult<Got<T>, ApiError>;

interface GetOptions {
  /** Ask again so often while the page is looked at. */
  everyMs?: number | undefined;
  enabled?: boolean | undefined;
}

/** One GET. Its key begins with the path, so that `refresh: ['/channels']` reaches everything below. */
export function useGet<const P extends string>(
  path: P & Known<'GET', P>,
  query: QueryOf<P> = {},
  { everyMs, enabled = true }: GetOptions = {},
): Answer<AnswerOf<'GET', P>> {
  return useQuery<Got<AnswerOf<'GET', P>>, ApiError>({
    queryKey: [path, query],
    queryFn: ({ signal }) => call<'GET', P>('GET', path, { query, signal }),
    enabled,
    refetchInterval: everyMs ?? false,
    placeholderData: keepPreviousData,
  });
}

/** A list page by page. */
export function useList<const P extends string>(
  path: P & Known<'GET', P>,
  query: QueryOf<P> = {},
  options: GetOptions = {},
): List<ItemOf<P>> {
  return usePages<ItemOf<P>>(path, query, options);
}
type ItemOf<P extends string> = AnswerOf<'GET', P> extends Page<infer Item> ? Item : never;
export type List<T> = ReturnType<typeof usePages<T>>;

function usePages<T>(path: string, query: Query, { everyMs, enabled = true }: GetOptions) {
  const result = useInfiniteQuery<Page<T>, ApiError, InfiniteData<Page<T>>, unknown[], string | undefined>({
    queryKey: [path, query, 'pages'],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await call('GET', path as '/turns', { query: { ...query, cursor: pageParam }, signal });
      return data as Page<unknown> as Page<T>;
    },
    initialPageParam: undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled,
    refetchInterval: everyMs ?? false,
    placeholderData: keepPreviousData,
  });
  return { ...result, items: result.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** Queries under any of these paths are asked again. */
export function useRefresh(): (paths: readonly string[]) => Promise<void> {
  const client = useQueryClient();
  return useCallback(
    async (paths) => {
      await client.invalidateQueries({
        predicate: ({ queryKey: [path] }) =>
          typeof path === 'string' && paths.some((prefix) => path.startsWith(prefix)),
      });
    },
    [client],
  );
}

export interface SendOptions<Body> {
  body?: Body | undefined;
  etag?: string | undefined;
  /** Paths whose answers this changes. */
  refresh?: readonly string[];
  /** Told when it worked. */
  success?: string;
  /** A creation, made once however often it is sent. */
  creates?: boolean;
  /** Errors are shown by the caller. */
  quiet?: boolean;
  /** Loads the new state into the form, after somebody else was faster. */
  onStale?: () => unknown;
}

export type Sent<T> = { ok: true; data: T; etag: string | undefined } | { ok: false; error: ApiError };

const useText = texts({
  changed: ['Somebody changed this meanwhile', '内容已被他人修改'],
  changedWhy: [
    'What you see is no longer the current state, so nothing was saved. Load the new state, look at it and make your change again.',
    '你看到的内容已不是最新状态，因此没有保存。请加载最新内容，确认后再次修改。',
  ],
  reload: ['Load the new state', '加载最新内容'],
  stay: ['Keep what I typed', '保留我的输入'],
});

/** Sends changes: says what went wrong, asks the affected queries again, and explains a lost race (412). */
export function useSend() {
  const { message, modal } = App.useApp();
  const refresh = useRefresh();
  const errorText = useErrorText();
  const t = useText();
  const [busy, setBusy] = useState(0);

  const send = useCallback(
    async <const M extends Method, const P extends string>(
      method: M,
      path: P & Known<M, P>,
      options: SendOptions<BodyOf<M, P>> = {},
    ): Promise<Sent<AnswerOf<M, P>>> => {
      const { refresh: paths = [], success, creates, quiet, onStale, ...rest } = options;
      setBusy((count) => count + 1);
      try {
        const idempotencyKey = creates ? newIdempotencyKey() : undefined;
        const got = await withRetry(() => call(method, path, { ...rest, idempotencyKey }), creates);
        const refusal = refusalIn(got.data);
        if (success && refusal === undefined) message.success(success);
        else if (success && refusal !== undefined) message.error(refusal);
        await refresh(paths);
        return { ok: true, ...got };
      } catch (thrown) {
        const error = thrown instanceof ApiError ? thrown : new ApiError(0, 'internal', String(thrown));
        if (error.code === 'precondition_failed') {
          modal.confirm({
            title: t.changed,
            content: t.changedWhy,
            okText: t.reload,
            cancelText: t.stay,
            onOk: async () => {
              await refresh(paths);
              await onStale?.();
            },
          });
        } else if (!quiet) {
          message.error(errorText(error));
        }
        return { ok: false, error };
      } finally {
        setBusy((count) => count - 1);
      }
    },
    [message, modal, refresh, errorText, t],
  );
  return { send, busy: busy > 0 };
}

/** Some answers are 200 and say that it did not work: `{ok: false, message}`. */
function refusalIn(data: unknown): string | undefined {
  if (Reflect.get(Object(data), 'ok') !== false) return undefined;
  return String(Reflect.get(Object(data), 'message') ?? '');
}

/** A creation whose answer was lost on the way is sent once more, with the same key. */
async function withRetry<T>(create: () => Promise<T>, isRepeatable = false): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!(isRepeatable && error instanceof ApiError && error.code === 'network')) throw error;
    return create();
  }
}
