import { theme as antdTheme, type ThemeConfig } from 'antd';
import { PALETTES } from './palette.ts';

const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

/** Ant Design's theme from our palette. */
export function antdThemeOf(mode: 'light' | 'dark'): ThemeConfig {
  const p = PALETTES[mode];
  return {
    algorithm: mode === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      // Whoever asked the system for less motion gets none: nothing waits for the end of what does not happen.
      motion: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
      colorPrimary: p.accent,
      colorLink: p.accentText,
      colorLinkHover: p.accent,
      colorInfo: p.accent,
      colorSuccess: p.good,
      colorWarning: p.warn,
      colorError: p.bad,
      colorErrorText: p.bad,
      colorBgLayout: p.bg,
      colorBgContainer: p.surface,
      colorBgElevated: p.surface,
      colorBorder: p.borderStrong,
      colorBorderSecondary: p.border,
      colorText: p.text,
      colorTextSecondary: p.textMuted,
      colorTextTertiary: p.textFaint,
      colorTextDescription: p.textFaint,
      colorTextPlaceholder: p.textFaint,
      colorTextQuaternary: p.textFaint,
      colorIcon: p.textFaint,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      borderRadius: 8,
      borderRadiusLG: 12,
      controlHeight: 36,
      boxShadowTertiary: p.shadow,
      wireframe: false,
    },
    components: {
      Card: { headerFontSize: 15, bodyPadding: 20, headerPadding: 20 },
      Table: {
        headerBg: 'transparent',
        headerColor: p.textFaint,
        headerSplitColor: 'transparent',
        cellPaddingBlock: 12,
        cellPaddingInlineMD: 14,
      },
      Form: { labelColor: p.text, verticalLabelPadding: '0 0 6px' },
      Segmented: { trackBg: p.raised, itemColor: p.textMuted },
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500 },
    },
  };
}
