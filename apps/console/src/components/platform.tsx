import { texts } from '../i18n/texts.ts';

const useText = texts({
  feishu: ['Feishu / Lark', '飞书 / Lark'],
  telegram: ['Telegram', 'Telegram'],
  slack: ['Slack', 'Slack'],
  api: ['API', 'API'],
});

const MARKS: Record<string, [letter: string, colour: string]> = {
  feishu: ['飞', '#2f5fd0'],
  telegram: ['T', '#1a6fa8'],
  slack: ['#', '#6b2c6f'],
  api: ['{}', '#4d5563'],
};

export function usePlatformName(): (platform: string) => string {
  const t = useText();
  return (platform) => (t as Record<string, string>)[platform] ?? platform;
}

/** A platform's sign; says its name only when nothing beside it does. */
export function PlatformMark({ platform, small, alone }: { platform: string; small?: boolean; alone?: boolean }) {
  const name = usePlatformName()(platform);
  const [letter, colour] = MARKS[platform] ?? ['?', '#4d5563'];
  return (
    <span
      className={`platform-mark ${small ? 'small' : ''}`}
      style={{ background: colour }}
      {...(alone ? { role: 'img', 'aria-label': name } : { 'aria-hidden': true })}
    >
      {letter}
    </span>
  );
}

export function PlatformName({ platform }: { platform: string }) {
  const name = usePlatformName()(platform);
  return (
    <span className="row nowrap">
      <PlatformMark platform={platform} small /> {name}
    </span>
  );
}
