import { Input, Select } from 'antd';
import { useEffect, useState } from 'react';

interface ChoiceProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  options: readonly { value: string; label: string }[];
}

export function FilterChoice({ label, value, onChange, options }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      placeholder={label}
      allowClear
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      options={[...options]}
      popupMatchSelectWidth={false}
      style={{ minWidth: 130 }}
    />
  );
}

interface TextProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  width?: number;
}

/** How long typing has to pause before it counts. */
const PAUSE_MS = 350;

export function FilterText({ label, value, onChange, width = 200 }: TextProps) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => {
    if (text === (value ?? '')) return;
    const timer = setTimeout(() => onChange(text.trim() === '' ? undefined : text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <Input
      aria-label={label}
      placeholder={label}
      allowClear
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
      style={{ width }}
    />
  );
}
