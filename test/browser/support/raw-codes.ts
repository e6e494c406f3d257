import type { Page } from 'playwright-core';

/** Names that are the same in every language, or that the populated hub gave to its things. */
const NAMES = ['slack', 'telegram', 'feishu', 'echo', 'owner', 'admin', 'operator', 'viewer', 'token'];

/** Every word the admin API may answer where people need words of their own: the values of its enumerations. */
export async function codesOf(hubUrl: string): Promise<ReadonlySet<string>> {
  const document: unknown = await (await fetch(`${hubUrl}/api/openapi.json`)).json();
  const codes = new Set(enumsIn(document));
  for (const name of NAMES) codes.delete(name);
  return codes;
}

function enumsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const values: unknown = Reflect.get(part, 'enum');
  const own = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  return [...own, ...Object.values(part).flatMap(enumsIn)];
}

// What runs in the page is text: the type checker knows no DOM here.
/** What people read, but for what is shown as code and what they typed themselves. */
const READ = `(() => {
  const texts = [];
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest('code, pre, .mono, textarea, input')) texts.push(node.textContent.trim());
  return texts;
})()`;

const SNAKE = /[a-z]_[a-z]/;
/** Sentences, which may name a code, and people's pseudonyms. */
const OTHERWISE = /[\u4e00-\u9fff]|^u_[0-9a-f]+$/;

/** Texts of a page that are nothing but codes of the API (`usd month`), or look like one (`half_open`). */
export async function rawCodes(page: Page, codes: ReadonlySet<string>): Promise<string[]> {
  const texts = await page.evaluate<string[]>(READ);
  const isRaw = (text: string) => SNAKE.test(text) || text.split(/[\s·:,/]+/).every((word) => codes.has(word));
  return [...new Set(texts)].filter((text) => text !== '' && !OTHERWISE.test(text) && isRaw(text));
}
