import { Link } from 'react-router';
import { useGet } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  echo: [
    'No model is set up yet, so the built-in “echo” answers and repeats what you write.',
    '尚未配置模型，目前由内置的 echo 回答，它只会重复你的话。',
  ],
  model: ['Add a model', '添加模型'],
  turns: ['See how each answer came about', '查看每个回答的来龙去脉'],
});

/** For newcomers who got their first answers: where real ones come from, and where to look behind them. */
export function WhatNext() {
  const t = useText();
  const { can } = useSession();
  const models = useGet('/models', {}, { enabled: can('model:read') });
  const items = models.data?.data.items ?? [];
  if (items.length === 0 || items.some(({ config }) => config.provider !== 'echo')) return null;
  return (
    <div style={{ marginBottom: 16 }}>
      <Notice
        tone="accent"
        action={
          <>
            {can('model:write') && <Link to="/models/new">{t.model}</Link>}
            {can('turn:read') && <Link to="/turns">{t.turns}</Link>}
          </>
        }
      >
        {t.echo}
      </Notice>
    </div>
  );
}
