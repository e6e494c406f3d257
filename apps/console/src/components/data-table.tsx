import { Table, type TableProps } from 'antd';
import { useEffect, useRef } from 'react';

/** Ant Design's table, scrolling sideways where it is narrow: then it can be reached by keyboard, too. */
export function DataTable<T extends object>(table: TableProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const content = box.current?.querySelector<HTMLElement>('.ant-table-content');
    if (!content) return;
    const follow = () => {
      if (content.scrollWidth > content.clientWidth) content.tabIndex = 0;
      else content.removeAttribute('tabindex');
    };
    const observer = new ResizeObserver(follow);
    observer.observe(content);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={box}>
      <Table<T> size="medium" scroll={{ x: 'max-content' }} pagination={false} {...table} />
    </div>
  );
}
