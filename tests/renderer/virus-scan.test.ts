import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { makeScanner } from '../support/scanners.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a scanner is set up, the host itself asks, and what it objects to waits in its words until it passes', async () => {
  const asked: (readonly string[] | undefined)[] = [];
  let answer = false;
  await using window = await openWindow({
    host: {
      desktop: {
        chooseSavePath: () => Promise.resolve(undefined),
        confirmScanner(command) {
          asked.push(command);
          return Promise.resolve(answer);
        },
      },
    },
  });
  const { page, app, api, problems } = window;
  const scanner = await makeScanner(dirname(app.folder), 'hit');
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Virus scan' });
  await card.getByText('Recordings are not scanned').waitFor();
  await card.getByRole('button', { name: 'Set up a scanner' }).click();
  const program = card.getByRole('textbox', { name: 'Program' });
  await program.fill('');
  const use = card.getByRole('button', { name: 'Try and use it' });
  await use.click();
  await card.getByText('Which program is it?').waitFor();
  await expectAccessible(page);
  await program.fill(scanner.path);
  await card.getByRole('textbox', { name: /^Arguments/ }).fill('--quick');
  await use.click();
  // The person said no: nothing runs.
  await expect.poll(() => asked).toEqual([[scanner.path, '--quick']]);
  expect(await api.getVirusScan({})).toMatchObject({ scan: null, canSet: true });
  answer = true;
  await program.fill('/no/such/scanner');
  await use.click();
  await card.getByRole('region', { name: 'The virus scanner cannot be started' }).waitFor();
  await program.fill(scanner.path);
  await use.click();
  await card.getByText('Each recording is scanned').waitFor();
  await expectAccessible(page);

  await follow(window);
  await writeFile(join(app.folder, 'Lecture 1.mp3'), 'BAD sound');
  await record(app.folder, 'Lecture 2.mp3');
  await stored(window, 1);
  await page.keyboard.press('Control+1');
  await page.getByRole('button', { name: 'Show what to do' }).click();
  const cause = page.getByRole('region', {
    name: 'Lecture 1.mp3: The virus scanner objects to this file',
  });
  await cause.getByText('Win.Test.EICAR_HDB-1 FOUND', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: /Upload anyway/ }).count()).toBe(0);
  await cause.getByRole('button', { name: /^Dismiss/ }).waitFor();
  await expectAccessible(page);
  await scanner.becomes('broken');
  await cause.getByRole('button', { name: /^Scan again/ }).click();
  const warning = page
    .getByRole('note')
    .filter({ hasText: /The recording is safe.* Details: .*clamd/ });
  const title = 'The virus scanner could not look at the recording.';
  await warning.locator('strong').getByText(title, { exact: true }).waitFor();
  await scanner.becomes('clean');
  await stored(window, 2);
  await warning.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+4');
  await card.getByRole('button', { name: 'Turn off' }).click();
  await card.getByText('Recordings are not scanned').waitFor();
  expect(asked.at(-1)).toBeUndefined();
  expect(problems).toEqual([]);
});

test('in a browser no program is chosen, whatever the page asks', async () => {
  await using window = await openWindow();
  const { page, api } = window;
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Virus scan' });
  await card.getByText(/not chosen in a browser/).waitFor();
  expect(await card.getByRole('button').count()).toBe(0);
  const scan = { command: ['/bin/true'], limitSeconds: 5 };
  await expect(api.setVirusScan({ scan })).rejects.toMatchObject({ code: 'usage' });
  expect((await api.getVirusScan({})).scan).toBeNull();
});
