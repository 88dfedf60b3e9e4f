/** @file How fast uploads may be: not limited, being limited, limited, fixed from outside. */
import { test } from 'vitest';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import type { Locator } from 'playwright';
import { clearNotice, go, narrow, shoot, shootOnce } from './support.ts';

/** Its heading is at the top of what is seen. */
const seen = (card: Locator): Promise<void> =>
  card.getByRole('heading').evaluate((heading) => heading.scrollIntoView({ block: 'start' }));

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
  const narrowCard = onNarrow.getByRole('region', { name: 'Upload speed' });
  await narrowCard.scrollIntoViewIfNeeded();
  await shootOnce(onNarrow, 'settings-speed-narrow');
  await card.getByRole('radio', { name: 'By the hour' }).check();
  await seen(card);
  await shoot(page, 'settings-speed-hours');
  await narrowCard.getByRole('radio', { name: 'By the hour' }).check();
  await seen(narrowCard);
  await shootOnce(onNarrow, 'settings-speed-hours-narrow');
});
