import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { type Language, LanguageContext } from '../i18n/texts.ts';
import { PALETTES, SERIES } from './palette.ts';

export type ThemeChoice = 'light' | 'dark' | 'system';

export interface Preferences {
  language: Language;
  setLanguage(language: Language): void;
  themeChoice: ThemeChoice;
  setThemeChoice(choice: ThemeChoice): void;
  /** What is shown: `system` resolved. */
  mode: 'light' | 'dark';
}

const PreferencesContext = createContext<Preferences | undefined>(undefined);

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (!preferences) throw new Error('outside of PreferencesProvider');
  return preferences;
}

export const useSeriesColours = (): readonly string[] => SERIES[usePreferences().mode];

/** Language and theme, remembered in this browser; by default what the browser prefers. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useRemembered<Language>('parley.language', ['en', 'zh'], browserLanguage());
  const [themeChoice, setThemeChoice] = useRemembered<ThemeChoice>(
    'parley.theme',
    ['light', 'dark', 'system'],
    'system',
  );
  const systemMode = useSystemMode();
  const mode = themeChoice === 'system' ? systemMode : themeChoice;

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  useEffect(() => paint(mode), [mode]);

  const value = useMemo(
    () => ({ language, setLanguage, themeChoice, setThemeChoice, mode }),
    [language, setLanguage, themeChoice, setThemeChoice, mode],
  );
  return (
    <PreferencesContext value={value}>
      <LanguageContext value={language}>{children}</LanguageContext>
    </PreferencesContext>
  );
}

function browserLanguage(): Language {
  return navigator.languages
    .find((name) => /^(en|zh)/i.test(name))
    ?.toLowerCase()
    .startsWith('zh')
    ? 'zh'
    : 'en';
}

/** Writes the palette where the style sheet reads it. */
export function paint(mode: 'light' | 'dark'): void {
  const { style, dataset } = document.documentElement;
  dataset.theme = mode;
  style.colorScheme = mode;
  for (const [name, value] of Object.entries(PALETTES[mode])) style.setProperty(`--p-${name}`, value);
}

function useSystemMode(): 'light' | 'dark' {
  const query = useMemo(() => window.matchMedia('(prefers-color-scheme: dark)'), []);
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const follow = () => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, [query]);
  return isDark ? 'dark' : 'light';
}

/** A choice kept in local storage; a browser that forbids it forgets with the page. */
function useRemembered<T extends string>(key: string, allowed: readonly T[], fallback: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const stored = readStored(key);
    return allowed.find((choice) => choice === stored) ?? fallback;
  });
  const remember = useMemo(
    () => (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // Remembering is a comfort, not a need.
      }
    },
    [key],
  );
  return [value, remember];
}

function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
