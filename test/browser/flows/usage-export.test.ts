import { readFile } from 'node:fs/promises';
import { openStore, recordLedger, type Store } from '@parley/core/store';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { answered } from '../../flow/helpers/chats.ts';
import { createCleanup } from '../../flow/helpers/cleanup.ts';
import { startPostgres, until } from '../../support/index.ts';
import { DEFAULT_ENV, type Desk, startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { choose, chooseTenant, goTo, reads } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** Names that a spreadsheet would run. No id may be one today; what is in the records is shown all the same. */
const FORMULAS = ['=HYPERLINK("http://evil.example";"click")', '+1+2', '-3', '@SUM(A1)'];

let store: Store;

/** A desk whose database the test can write to as well. */
async function startDeskWithDatabase(): Promise<Desk> {
  const cleanup = createCleanup();
  try {
    const postgres = cleanup.add(await startPostgres());
    const desk = cleanup.add(await startDesk({ env: { ...DEFAULT_ENV, DATABASE_URL: postgres.url } }));
    store = cleanup.add(await openStore({ databaseUrl: postgres.url }));
    return { ...desk, stop: cleanup.run };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** The table of usage and cost leaves the console as a file for spreadsheets. */
describeFlow('usage as a file', startDeskWithDatabase, (desk) => {
  let page: Page;
  beforeAll(async () => {
    const admin = await setUp(desk());
    const { slack } = desk().world;
    await slack.say({ chat: 'usage', text: 'what does it cost?' });
    await answered(slack, 'usage', 'You said: what does it cost?');
    await recordLedger(store, FORMULAS.map(costOf));
    await until('the ledger', async () => {
      const { rows } = (await admin.get('/usage?tenant=acme&group_by=model')).body;
      return rows.length === FORMULAS.length + 1;
    });
    page = await desk().openAsAdmin();
    await chooseTenant(page, 'acme');
    await goTo(page, 'Usage & cost');
  });

  async function download(): Promise<{ name: string; lines: string[] }> {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    const text = await readFile(await file.path(), 'utf8');
    expect(text.endsWith('\r\n')).toBe(true);
    return { name: file.suggestedFilename(), lines: text.slice(0, -2).split('\r\n') };
  }

  test('the file has what the page shows', async () => {
    await page.getByRole('cell', { name: 'sim', exact: true }).waitFor();
    const { name, lines } = await download();
    expect(name).toBe('usage.csv');
    expect(lines[0]).toBe('day,model,requests,tokens_in,tokens_out,cached_tokens,cost_usd');
    const shown = await page
      .getByRole('row', { name: /\bsim\b/ })
      .getByRole('cell')
      .allTextContents();
    const row = lines.find((line) => line.includes(',sim,'))?.split(',') ?? [];
    expect(row).toHaveLength(7);
    expect(row.slice(0, 6)).toEqual(shown.slice(0, 6));
    expect(lines).toHaveLength(1 + FORMULAS.length + 1);
  });

  test('grouped otherwise, the file is too; and nothing in it is a formula', async () => {
    await choose(page, 'Group by', 'Model');
    await choose(page, 'then by', '–');
    for (const formula of FORMULAS) await reads(page, formula);
    const { lines } = await download();
    expect(lines[0]).toBe('model,requests,tokens_in,tokens_out,cached_tokens,cost_usd');
    const cells = lines.slice(1).map((line) => line.slice(0, line.indexOf(',1,')));
    const harmless = FORMULAS.map((formula) => `"'${formula.replaceAll('"', '""')}"`);
    expect(cells.sort()).toEqual([...harmless, 'sim'].sort());
  });
});

function costOf(model: string, index: number) {
  return {
    tenant: 'acme',
    requestId: `formula-${index}`,
    platform: 'slack' as const,
    user: 'u_0123456789abcdef',
    model,
    status: 'success' as const,
    inputTokens: 10,
    cachedInputTokens: 0,
    outputTokens: 20,
    costMicroUsd: 30,
    estimated: false,
    cached: false,
    unreconciled: false,
    at: Date.now(),
  };
}
