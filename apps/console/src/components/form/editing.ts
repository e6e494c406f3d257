import { useCallback, useEffect, useState } from 'react';
import type { Got } from '../../api/client.ts';
import type { Answer } from '../../api/hooks.ts';

export interface Editing<T> {
  /** The state a form began with; later answers do not overwrite what is being typed. */
  base: Got<T> | undefined;
  /** Changes when the form has to begin anew. */
  version: number;
  /** Somebody else changed it since. */
  isStale: boolean;
  reload(): Promise<void>;
}

/** Holds the state that is edited, with its ETag, until it is saved or loaded anew. */
export function useEditing<T>(answer: Answer<T>): Editing<T> {
  const [base, setBase] = useState<Got<T>>();
  const [version, setVersion] = useState(0);
  const { data, refetch, isPlaceholderData, isFetching } = answer;
  useEffect(() => {
    // What is remembered from an earlier visit may be old: saving it would be refused although nobody else was at work.
    if (data && !isPlaceholderData && !isFetching) setBase((known) => known ?? data);
  }, [data, isPlaceholderData, isFetching]);
  const reload = useCallback(async () => {
    const { data: fresh } = await refetch();
    if (fresh) setBase(fresh);
    setVersion((count) => count + 1);
  }, [refetch]);
  const isStale = base !== undefined && data !== undefined && base.etag !== data.etag;
  return { base, version, isStale, reload };
}
