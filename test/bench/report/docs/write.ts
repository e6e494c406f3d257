import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SPLIT_WORKLOAD } from '../../contestants/index.ts';
import { writePlots } from '../plots.ts';
import { rowsOf } from '../rows.ts';
import type { Run } from '../run.ts';
import { figuresOf } from './figures.ts';
import { pageOf } from './page.ts';
import { combine, formatPublished, type Published, takeIn } from './runs.ts';
import type { Language } from './words.ts';

const DOCS = new URL('../../../../docs/', import.meta.url);
const JSON_FILE = new URL('performance.json', DOCS);
const PAGES: Record<Language, URL> = {
  en: new URL('performance.md', DOCS),
  zh: new URL('performance.zh-CN.md', DOCS),
};

/** Takes a run into docs/performance.json and writes the page in both languages, and its plots, from that file. */
export async function writeDocs(run: Run): Promise<void> {
  const published = takeIn(await readPublished(), run);
  await writeFile(JSON_FILE, formatPublished(published));
  // From the file, and not from what is in memory: the page then says what anybody finds there.
  for (const [page, text] of Object.entries(pagesOf(await readPublished()))) {
    await writeFile(PAGES[page as Language], text);
  }
  const images = fileURLToPath(new URL('images/', DOCS));
  await mkdir(images, { recursive: true });
  await writePlots(rowsOf(combine(await readPublished()).results), images);
}

export function pagesOf(published: Published): Record<Language, string> {
  const combined = combine(published);
  // Two processes are measured beside the others or not at all: what another run made is no comparison.
  const isBeside = combined.runOf(SPLIT_WORKLOAD) === combined.runOf('Slack');
  const rows = rowsOf(combined.results).filter(
    ({ workload, compared }) => workload !== SPLIT_WORKLOAD || !compared || isBeside,
  );
  const figures = figuresOf(published, combined, rows);
  return { en: pageOf('en', figures), zh: pageOf('zh', figures) };
}

async function readPublished(): Promise<Published> {
  try {
    return JSON.parse(await readFile(JSON_FILE, 'utf8')) as Published;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { runs: [] };
    throw error;
  }
}
