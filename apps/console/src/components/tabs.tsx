import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';

export interface Tab {
  key: string;
  label: string;
  children: ReactNode;
}

interface Props {
  items: readonly Tab[];
  /** Which one is shown, and what is to happen when another is chosen. */
  active: string | undefined;
  onChange: (key: string) => void;
  /** All of them are there from the start, such as the parts of one form. */
  eager?: boolean;
}

/**
 * Tabs as WAI-ARIA describes them: arrow keys, Home and End move between them. On a narrow screen the row scrolls, where
 * Ant Design's would put a button among the tabs. What has been opened keeps its state.
 */
export function Tabs({ items, active, onChange, eager = false }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<readonly string[]>([]);
  const shown = items.find(({ key }) => key === active) ?? items[0];
  if (shown && !opened.includes(shown.key)) setOpened([...opened, shown.key]);

  const onKey = (event: KeyboardEvent) => {
    const at = items.findIndex(({ key }) => key === shown?.key);
    const last = items.length - 1;
    const next = { ArrowLeft: at === 0 ? last : at - 1, ArrowRight: at === last ? 0 : at + 1, Home: 0, End: last }[
      event.key
    ];
    const item = next === undefined ? undefined : items[next];
    if (!item) return;
    event.preventDefault();
    onChange(item.key);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next ?? 0]?.focus();
  };
  return (
    <div className="tabs">
      <div className="tab-list" role="tablist" ref={list} onKeyDown={onKey}>
        {items.map(({ key, label }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}${key}`}
            aria-selected={key === shown?.key}
            aria-controls={`${id}${key}-panel`}
            tabIndex={key === shown?.key ? 0 : -1}
            onClick={() => onChange(key)}
          >
            {label}
          </button>
        ))}
      </div>
      {items.map(({ key, children }) => (
        <div
          key={key}
          role="tabpanel"
          id={`${id}${key}-panel`}
          aria-labelledby={`${id}${key}`}
          hidden={key !== shown?.key}
        >
          {(eager || opened.includes(key)) && children}
        </div>
      ))}
    </div>
  );
}
