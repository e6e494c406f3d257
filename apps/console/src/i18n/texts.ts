import { createContext, useContext } from 'react';

export type Language = 'en' | 'zh';

/** What a text may be: words, or a function that puts values into them. */
type Text = string | ((...values: never[]) => string);
/** English and Chinese, side by side: a text cannot exist in one language only. */
type Table = Record<string, readonly [en: Text, zh: Text]>;
type Picked<T extends Table> = { [K in keyof T]: T[K][0] extends string ? string : T[K][0] };

export const LanguageContext = createContext<Language>('en');
export const useLanguage = (): Language => useContext(LanguageContext);

/** Makes a hook that gives a table's texts in the reader's language: `const useText = texts({ save: ['Save', '保存'] })`. */
export function texts<const T extends Table>(table: T): () => Picked<T> {
  const picked = new Map<Language, Picked<T>>();
  return () => {
    const language = useLanguage();
    const known = picked.get(language) ?? pick(table, language);
    picked.set(language, known);
    return known;
  };
}

function pick<T extends Table>(table: T, language: Language): Picked<T> {
  const index = language === 'zh' ? 1 : 0;
  return Object.fromEntries(Object.entries(table).map(([key, pair]) => [key, pair[index]])) as Picked<T>;
}

/** A text the API sends in both languages. */
export interface BothLanguages {
  en: string;
  zh: string;
}
