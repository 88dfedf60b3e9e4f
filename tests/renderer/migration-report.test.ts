import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { levelWords } from '#shared/migration/migration.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { writeReport } from '../../electron/engine/migrate/report.ts';
import { openArchive } from '../support/archive.ts';
import { openBrowser, skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible } from './support/window.ts';

test('a migration’s report is for everybody: in light and dark, narrow, and read aloud', async (context) => {
  skipWithoutChromium(context);
  const long = `${'a very long name '.repeat(10)}.mp3`;
  await using archive = await openArchive({ 'a.mp3': 'lecture a', [long]: 'lecture b' });
  const { context: own, plan, dir, signal } = archive;
  await archive.run();
  await verifyPlan(own, plan, { level: 'full', share: 1 }, () => {}, signal);
  const path = join(dir, 'report.html');
  await writeReport(own, plan, 'html', path);
  await using browser = await openBrowser();
  for (const colorScheme of ['light', 'dark'] as const) {
    const viewport = { width: colorScheme === 'light' ? 1_200 : 380, height: 800 };
    const page = await (await browser.newContext({ colorScheme, viewport })).newPage();
    await page.goto(pathToFileURL(path).href);
    await expectAccessible(page);
    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect(isWide).toBe(false);
    const row = page.getByRole('row').filter({ hasText: /^a\.mp3/ });
    expect(await row.innerText()).toContain(`verified, ${levelWords.full}`);
  }
});
