import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeOld } from '../support/archive.ts';
import { openArchiveIn, verified } from '../support/migration.ts';
import { noIndex } from '../support/recordings.ts';
import { tempDir } from '../support/temp-dir.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('what looks unfinished or is no recording is told by the plan, and again where the disk is freed', async () => {
  await using dir = await tempDir();
  await using window = await openWindow();
  const { page, api, problems } = window;
  const archive = await openArchiveIn(dir.path, api, { 'page.mp4': '<html><body>Sign in' });
  await writeOld(join(archive.root, 'half.mp4'), noIndex);
  await verified(api, archive);
  await page.getByRole('navigation').getByText('Archive').click();
  const inTheWay = page.getByRole('list', { name: 'What is in the way' });
  await inTheWay.getByText('Looks unfinished').waitFor();
  expect(await inTheWay.innerText()).toMatch(/half\.mp4 .*Not what its name says.*page\.mp4 /s);
  const free = page.getByText(/^When it was planned: /);
  expect(await free.innerText()).toContain('1 file looks unfinished, 1 file is not what the name');
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
