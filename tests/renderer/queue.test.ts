import { expect, test } from 'vitest';
import { chromiumMissing } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

test.skipIf(chromiumMissing())(
  'a recording is seen from its first byte until it is safe',
  async () => {
    await using window = await openWindow();
    const { page, app, problems } = window;
    await page.getByRole('heading', { name: 'Nothing to upload yet' }).waitFor();
    await follow(window);
    await record(app.folder, 'Lecture 1.mp3');
    const row = page.getByRole('row', { name: /Lecture 1\.mp3/ });
    await row.getByText('Stored and checked').waitFor();
    await stored(window, 1);
    await page.getByText('1 of 1 file stored and checked.').waitFor();
    await page
      .getByRole('complementary', { name: 'Safe to leave?' })
      .getByText('Safe to leave', { exact: true })
      .waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
  },
);
