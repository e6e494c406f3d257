import { Button, type TableProps } from 'antd';
import type { ReactNode } from 'react';
import type { List } from '../api/hooks.ts';
import { texts } from '../i18n/texts.ts';
import { DataTable } from './data-table.tsx';
import { Failed } from './states.tsx';

const useText = texts({ more: ['Show more', '加载更多'], loading: ['Loading', '加载中'] });

interface Props<T> extends Omit<TableProps<T>, 'dataSource' | 'loading' | 'pagination'> {
  of: Pick<
    List<T>,
    'items' | 'isPending' | 'error' | 'hasNextPage' | 'fetchNextPage' | 'isFetchingNextPage' | 'refetch'
  >;
  /** What stands there when the list is empty. */
  empty: ReactNode;
}

/** A list of the API as a table, with its states and the next page. */
export function ListTable<T extends object>({ of, empty, ...table }: Props<T>) {
  const t = useText();
  if (of.error && of.items.length === 0) return <Failed error={of.error} retry={() => void of.refetch()} />;
  if (!of.isPending && of.items.length === 0) return <>{empty}</>;
  return (
    <>
      <DataTable<T> {...table} dataSource={of.items} loading={of.isPending} />
      {of.hasNextPage && (
        <div className="row" style={{ justifyContent: 'center', padding: 16 }}>
          <Button loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
            {t.more}
          </Button>
        </div>
      )}
    </>
  );
}

/** Answers that come whole, in the shape `ListTable` takes. */
export function whole<T>(items: readonly T[]): Props<T>['of'] {
  const nothing = async () => undefined as never;
  return {
    items: [...items],
    isPending: false,
    error: null,
    hasNextPage: false,
    isFetchingNextPage: false,
    fetchNextPage: nothing,
    refetch: nothing,
  };
}
