import { useFilters } from '../hooks/use-filters.ts';
import { type Tab, Tabs } from './tabs.tsx';

/** Tabs whose choice lives in the address (`?tab=`), so that a link or a reload leads to the same one. */
export function PageTabs({ items, eager = false }: { items: readonly Tab[]; eager?: boolean }) {
  const [{ tab }, set] = useFilters(['tab']);
  return (
    <Tabs
      items={items}
      active={tab}
      onChange={(key) => set('tab', key === items[0]?.key ? undefined : key)}
      eager={eager}
    />
  );
}
