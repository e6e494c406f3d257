import { useEffect, useState } from 'react';
import { TextArea } from './text-area.tsx';

interface Props {
  id?: string;
  value?: string[] | undefined;
  onChange?: (value: string[]) => void;
  placeholder?: string;
  'aria-label'?: string;
  disabled?: boolean;
}

const toLines = (value: readonly string[] | undefined) => (value ?? []).join('\n');
export const fromLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

export function Lines({ value, onChange, ...props }: Props) {
  const [text, setText] = useState(toLines(value));
  useEffect(() => {
    // What was typed may hold empty lines; only another list replaces it.
    setText((now) => (toLines(fromLines(now)) === toLines(value) ? now : toLines(value)));
  }, [value]);
  return (
    <TextArea
      {...props}
      value={text}
      minRows={2}
      maxRows={12}
      onChange={(event) => {
        setText(event.target.value);
        onChange?.(fromLines(event.target.value));
      }}
    />
  );
}
