/** @file The detailed log, and the report that is looked at before it is saved. */
import { test } from 'vitest';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import { dark, go, narrow, recordAll, shoot, shootOnce } from './support.ts';

test('diagnostics', async () => {
  await using home = await openHome('noor');
  await using opened = await openWindow();
  const window = inHome(opened, home.path);
  const { page } = window;
  await recordAll(window);
  await go(page, 'Settings');
  const card = page.getByRole('region', { name: 'Diagnostics' });
  await card.getByRole('checkbox').click();
  await card.getByRole('checkbox', { checked: true }).waitFor();
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'settings-diagnostics');
  for (const [name, view] of [
    ['', {}],
    ['-dark', dark],
    ['-narrow', narrow],
  ] as const) {
    const other = await window.another(view);
    await go(other, 'Settings');
    await other.getByRole('button', { name: 'Make a report…' }).click();
    const part = other.getByRole('combobox', { name: 'What it holds' });
    const option = part.getByRole('option', { name: /^history/ });
    await part.selectOption(await option.getAttribute('value'));
    await other.getByRole('textbox', { name: 'history.txt' }).waitFor();
    await shootOnce(other, `diagnostics-report${name}`);
  }
});
