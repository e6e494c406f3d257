/** The console's colours, once: Ant Design's tokens and our own style sheet (`--p-…`) are both made of them. */
export interface Palette {
  bg: string;
  surface: string;
  raised: string;
  border: string;
  borderStrong: string;
  text: string;
  textMuted: string;
  textFaint: string;
  accent: string;
  accentText: string;
  accentSoft: string;
  good: string;
  goodSoft: string;
  warn: string;
  warnSoft: string;
  bad: string;
  badSoft: string;
  shadow: string;
}

/** Every text colour has at least 4.5:1 on `bg`, `surface` and its own soft colour. */
export const PALETTES: Record<'light' | 'dark', Palette> = {
  light: {
    bg: '#f7f8fa',
    surface: '#ffffff',
    raised: '#f2f4f7',
    border: '#e6e8ec',
    borderStrong: '#cfd3da',
    text: '#14171f',
    textMuted: '#4d5563',
    textFaint: '#626b7a',
    accent: '#4655c9',
    accentText: '#3a48b5',
    accentSoft: '#eceefb',
    good: '#0b7a4b',
    goodSoft: '#e3f5ec',
    warn: '#8f5600',
    warnSoft: '#fdf1dc',
    bad: '#c02a37',
    badSoft: '#fdeaec',
    shadow: '0 1px 2px rgb(16 24 40 / 6%)',
  },
  dark: {
    bg: '#0c0e13',
    surface: '#13161d',
    raised: '#1b1f28',
    border: '#272c38',
    borderStrong: '#3a4150',
    text: '#eceef3',
    textMuted: '#b1b8c6',
    textFaint: '#98a1b1',
    accent: '#5a69dd',
    accentText: '#a3aefc',
    accentSoft: '#20264a',
    good: '#4fd39a',
    goodSoft: '#10301f',
    warn: '#f2b457',
    warnSoft: '#372710',
    bad: '#ff8087',
    badSoft: '#3d171c',
    shadow: 'none',
  },
};

/** Series of a chart, told apart without red and green. */
export const SERIES: Record<'light' | 'dark', readonly string[]> = {
  light: ['#4655c9', '#0e8a9e', '#c2621a', '#8a3fb0', '#5d7a12', '#b8336a'],
  dark: ['#8d9bff', '#4cc3d6', '#f0a060', '#c78be8', '#a7c957', '#f283ad'],
};
