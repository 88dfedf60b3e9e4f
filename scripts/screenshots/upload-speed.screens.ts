/** @file How fast uploads may be: not limited, being limited, limited, fixed from outside. */
import { test } from 'vitest';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import { clearNotice, go, narrow, shoot, shootOnce } from './support.ts';

test('upload speed', async () => {
  await using home = await openHome('amira');
  await using opened = await openWindow();
  const window = inHome(opened, home.path);
  const { page } = window;
  await go(page, 'Settings');
  const card = page.getByRole('region', { name: 'Upload speed' });
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'settings-speed');
  await card.getByRole('radio', { name: 'Limited' }).check();
  const box = card.getByRole('textbox', { name: 'Megabits a second' });
  await box.fill('a lot');
  await box.press('Enter');
  await card.getByText(/^A number from/).waitFor();
  await card.scrollIntoViewIfNeeded();
  await shootOnce(page, 'settings-speed-wrong');
  await box.fill('20');
  await box.press('Enter');
  await page
    .getByText(/^Uploads are held to/)
    .first()
    .waitFor();
  await clearNotice(page);
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'settings-speed-limited');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Settings');
  await onNarrow.getByRole('region', { name: 'Upload speed' }).scrollIntoViewIfNeeded();
  await shootOnce(onNarrow, 'settings-speed-narrow');
});
