import { App } from 'antd';
import type { ReactNode } from 'react';
import { useCallback } from 'react';
import { texts } from '../i18n/texts.ts';

const useText = texts({ cancel: ['Cancel', '取消'] });

interface Question {
  title: string;
  content?: ReactNode;
  /** The verb on the button: what will happen. */
  ok: string;
  danger?: boolean;
  run: () => unknown;
}

/** Asks before something is destroyed. */
export function useConfirm(): (question: Question) => void {
  const { modal } = App.useApp();
  const t = useText();
  return useCallback(
    ({ title, content, ok, danger = true, run }) => {
      modal.confirm({
        title,
        content,
        okText: ok,
        okButtonProps: { danger },
        cancelText: t.cancel,
        autoFocusButton: 'cancel',
        onOk: async () => {
          await run();
        },
      });
    },
    [modal, t],
  );
}
