import { AppstoreOutlined } from '@ant-design/icons';
import { Link } from 'react-router';
import { useSession } from '../../api/session.tsx';
import { PLATFORMS, type Platform } from '../../api/types.ts';
import { PlatformMark, usePlatformName } from '../../components/platform.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  question: ['Where do people write to the bot?', '用户在哪里与机器人对话？'],
  feishu: [
    'An app in the developer console of Feishu or Lark, with the ability “Bot”.',
    '在飞书或 Lark 开发者后台创建带“机器人”能力的应用。',
  ],
  telegram: ['A token from @BotFather is all it takes.', '只需 @BotFather 提供的令牌。'],
  slack: ['An app from a manifest that you copy here.', '使用此处提供的清单创建应用。'],
  sandbox: ['No bot at hand? See it work in the sandbox first.', '手边没有机器人？先在沙盒里体验。'],
});

export function ChoosePlatform({
  platform,
  onChoose,
}: {
  platform: Platform | undefined;
  onChoose: (platform: Platform) => void;
}) {
  const t = useText();
  const name = usePlatformName();
  const { me, can } = useSession();
  return (
    <div className="stack">
      <h2 style={{ fontSize: 16, fontWeight: 600 }}>{t.question}</h2>
      <div className="choices">
        {PLATFORMS.map((one) => (
          <button
            key={one}
            type="button"
            className="choice"
            aria-pressed={one === platform}
            onClick={() => onChoose(one)}
          >
            <PlatformMark platform={one} />
            <strong>{name(one)}</strong>
            <span className="muted">{t[one]}</span>
          </button>
        ))}
      </div>
      {me.features.sandbox && can('sandbox:use') && (
        <Link to="/sandbox">
          <AppstoreOutlined aria-hidden /> {t.sandbox}
        </Link>
      )}
    </div>
  );
}
