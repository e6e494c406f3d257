import { LockOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  set: [(mark: string) => `Set · fingerprint ${mark}`, (mark: string) => `已设置 · 指纹 ${mark}`],
  replace: ['Replace', '替换'],
  keep: ['Keep the old one', '保留原值'],
});

interface Props {
  id?: string;
  value?: string | undefined;
  onChange?: (value: string | undefined) => void;
  placeholder?: string;
  'aria-label'?: string;
}

/** A secret can be set and replaced, never read: once set, the server sends a fingerprint (`kept:…`) in its place. */
export function SecretInput({ id, value, onChange, placeholder, 'aria-label': label }: Props) {
  const t = useText();
  const [kept, setKept] = useState(value?.startsWith('kept:') ? value : undefined);
  // The form may get its values after the first rendering.
  if (value?.startsWith('kept:') && value !== kept) setKept(value);
  if (value?.startsWith('kept:')) {
    return (
      <div className="copy-field">
        <LockOutlined aria-hidden className="faint" />
        <code>{t.set(value.slice(5, 13))}</code>
        <Button id={id} size="small" onClick={() => onChange?.(undefined)}>
          {t.replace}
        </Button>
      </div>
    );
  }
  return (
    <div className="row nowrap">
      <Input.Password
        {...(id ? { id } : {})}
        aria-label={label}
        value={value ?? ''}
        placeholder={placeholder}
        // Keeps password managers from offering the person's own password.
        autoComplete="new-password"
        spellCheck={false}
        onChange={(event) => onChange?.(event.target.value.trim() === '' ? undefined : event.target.value.trim())}
      />
      {kept && <Button onClick={() => onChange?.(kept)}>{t.keep}</Button>}
    </div>
  );
}
