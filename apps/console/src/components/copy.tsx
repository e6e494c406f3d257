import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { texts } from '../i18n/texts.ts';

const useText = texts({
  copy: ['Copy', '复制'],
  copied: ['Copied', '已复制'],
  copyOf: [(what: string) => `Copy ${what}`, (what: string) => `复制${what}`],
});

/** Puts text into the clipboard, also where there is no secure context. */
async function toClipboard(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyButton({ text, what, label }: { text: string; what?: string; label?: string }) {
  const t = useText();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await toClipboard(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  const name = isCopied ? t.copied : (label ?? (what ? t.copyOf(what) : t.copy));
  return (
    <Tooltip title={label ? undefined : name}>
      <Button
        type={label ? 'default' : 'text'}
        size={label ? 'medium' : 'small'}
        icon={isCopied ? <CheckOutlined aria-hidden /> : <CopyOutlined aria-hidden />}
        aria-label={name}
        onClick={() => void copy()}
      >
        {label && name}
      </Button>
    </Tooltip>
  );
}

/** A value to take elsewhere, such as a webhook URL. */
export function CopyField({ value, what }: { value: string; what: string }) {
  return (
    <div className="copy-field">
      <code>{value}</code>
      <CopyButton text={value} what={what} />
    </div>
  );
}

export function CodeBlock({ children, label }: { children: string; label: string }) {
  return (
    <section
      className="code"
      aria-label={label} // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <pre>{children}</pre>
    </section>
  );
}
