import { BulbOutlined, DesktopOutlined, MoonOutlined, TranslationOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { texts } from '../i18n/texts.ts';
import { type ThemeChoice, usePreferences } from '../theme/preferences.tsx';

const useText = texts({
  language: ['Language: English', '语言：中文'],
  theme: ['Appearance', '外观'],
  light: ['Light', '浅色'],
  dark: ['Dark', '深色'],
  system: ['As the system', '跟随系统'],
});

const ICONS = {
  light: <BulbOutlined aria-hidden />,
  dark: <MoonOutlined aria-hidden />,
  system: <DesktopOutlined aria-hidden />,
};

/** Language and appearance. */
export function Choices() {
  const t = useText();
  const { language, setLanguage, themeChoice, setThemeChoice } = usePreferences();
  return (
    <div className="row nowrap" style={{ gap: 2 }}>
      <Dropdown
        trigger={['click']}
        menu={{
          selectable: true,
          selectedKeys: [language],
          items: [
            { key: 'en', label: <span lang="en">English</span> },
            { key: 'zh', label: <span lang="zh-CN">简体中文</span> },
          ],
          onClick: ({ key }) => setLanguage(key === 'zh' ? 'zh' : 'en'),
        }}
      >
        <Button type="text" icon={<TranslationOutlined aria-hidden />} aria-label={t.language} aria-haspopup="menu" />
      </Dropdown>
      <Dropdown
        trigger={['click']}
        menu={{
          selectable: true,
          selectedKeys: [themeChoice],
          items: (['light', 'dark', 'system'] as const).map((key) => ({ key, label: t[key], icon: ICONS[key] })),
          onClick: ({ key }) => setThemeChoice(key as ThemeChoice),
        }}
      >
        <Button
          type="text"
          icon={ICONS[themeChoice]}
          aria-label={`${t.theme}: ${t[themeChoice]}`}
          aria-haspopup="menu"
        />
      </Dropdown>
    </div>
  );
}
