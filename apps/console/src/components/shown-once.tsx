import { Button, Modal } from 'antd';
import type { ReactNode } from 'react';
import { texts } from '../i18n/texts.ts';
import { CopyField } from './copy.tsx';
import { Notice } from './status.tsx';

const useText = texts({
  once: ['This is shown once. Copy it now: nobody can read it again.', '仅显示这一次，请立即复制，之后无法再查看。'],
  done: ['I have copied it', '我已复制'],
});

interface Props {
  title: string;
  secrets: readonly { what: string; value: string }[];
  close: () => void;
  children?: ReactNode;
}

/** A secret that was just made. It cannot be closed by a slip beside the window. */
export function ShownOnce({ title, secrets, close, children }: Props) {
  const t = useText();
  return (
    <Modal
      open
      title={title}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={close}>
          {t.done}
        </Button>
      }
    >
      <div className="stack">
        <Notice tone="warn">{t.once}</Notice>
        {secrets.map(({ what, value }) => (
          <div key={what} className="stack tight">
            <span className="muted">{what}</span>
            <CopyField value={value} what={what} />
          </div>
        ))}
        {children}
      </div>
    </Modal>
  );
}
