import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { ConsoleUser } from '../../admin/helpers/console.ts';
import { startDesk } from './support/desk.ts';
import { describeFlow } from './support/flow.ts';
import { button, goTo, save } from './support/pages.ts';
import { setUp } from './support/set-up.ts';

/** A tenant's form has four parts, of which one is seen: what is in the others is saved too, and mistakes there are shown. */
describeFlow('a tenant’s form', startDesk, (desk) => {
  let page: Page;
  let admin: ConsoleUser;
  beforeAll(async () => {
    admin = await setUp(desk());
    page = await desk().openAsAdmin();
    await goTo(page, 'Tenants');
    await page.getByRole('link', { name: 'acme' }).click();
    await tab('Answers').waitFor();
  });

  const tab = (name: string) => page.getByRole('tab', { name, exact: true });
  async function show(name: string): Promise<void> {
    await tab(name).click();
    await page.getByRole('tabpanel', { name }).waitFor();
  }
  const mistake = (text: string | RegExp) => page.locator('.ant-form-item-explain-error').filter({ hasText: text });
  const chosen = () => page.getByRole('tab', { selected: true }).textContent();
  const hasFocus = (field: Locator) => expect.poll(() => field.and(page.locator(':focus')).count()).toBe(1);
  const config = async () => (await admin.get('/tenants/acme')).body.config;

  test('says how long everything is kept', async () => {
    await show('Records & privacy');
    const keep = {
      'For so many days': '14',
      'Keep the audit log for so many days': '90',
      'Keep turns for so many days': '200',
      'Keep what every question cost for so many days': '400',
    };
    expect(await page.getByLabel('Keep turns for so many days').inputValue()).toBe('400');
    expect(await page.getByLabel('Keep what every question cost for so many days').inputValue()).toBe('800');
    for (const [label, days] of Object.entries(keep)) await page.getByLabel(label, { exact: true }).fill(days);
    await save(page);
    const kept = { transcripts: { days: 14 }, audit: { days: 90 }, turns: { days: 200 }, ledger: { days: 400 } };
    expect(await config()).toMatchObject(kept);
  });

  test('keeps costs for two months at least, as budgets are rebuilt from them', async () => {
    const ledger = page.getByLabel('Keep what every question cost for so many days');
    await ledger.fill('10');
    await ledger.blur();
    await expect.poll(() => ledger.inputValue()).toBe('62');
    await save(page);
    expect((await config()).ledger).toEqual({ days: 62 });
  });

  test('a mistake in another part opens it and has the cursor', async () => {
    await show('Budget & warnings');
    await page.getByRole('switch', { name: 'Monthly budget' }).click();
    const monthly = page.getByLabel('USD a month', { exact: true });
    await monthly.fill('');
    await show('Answers');
    await button(page, 'Save').click();
    await hasFocus(monthly);
    expect(await chosen()).toBe('Budget & warnings');
    await mistake('Needed').waitFor();
    await monthly.fill('50');
    await save(page);
    expect((await config()).budget).toMatchObject({ monthly_usd: 50 });
  });

  test('a mistake in a closed section of another part opens that too', async () => {
    await show('Limits');
    const section = button(page, /Platforms$/);
    await section.click();
    await button(page.getByRole('tabpanel', { name: 'Limits' }), 'Add').click();
    const platform = page.getByRole('combobox', { name: 'For' });
    await platform.waitFor();
    await section.click();
    await platform.waitFor({ state: 'hidden' });
    await show('Answers');
    await button(page, 'Save').click();
    await hasFocus(platform);
    expect(await chosen()).toBe('Limits');
    await button(page.getByRole('tabpanel', { name: 'Limits' }), 'Remove').click();
  });

  test('a mistake that only the hub sees is shown as well, beside the list it is in', async () => {
    await show('Answers');
    const regions = page.getByRole('combobox', { name: 'Only endpoints in these regions' });
    await regions.fill('e'.repeat(65));
    await regions.press('Enter');
    await show('Records & privacy');
    await button(page, 'Save').click();
    await hasFocus(regions);
    expect(await chosen()).toBe('Answers');
    await mistake(/64/).waitFor();
    expect((await config()).regions ?? []).toEqual([]);
  });
});
