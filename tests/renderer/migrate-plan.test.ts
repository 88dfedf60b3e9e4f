/** @file The first steps of an archive in the window: what is chosen, what is wrong with it, and what is not as planned. */
import { cp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeArchive, writeMapping, writeOld } from '../support/archive.ts';
import { plainPlan, testArchive } from '../support/migration.ts';
import { tempDir } from '../support/temp-dir.ts';
import {
  archiveFiles as files,
  askForPlan,
  openArchivePage,
  state,
} from './support/archive-page.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('what is wrong with a mapping, a back-up or a file is said in words, and nothing goes on', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, files);
  const step = await openArchivePage(window);
  await askForPlan(page, { ...archive, mapping: join(archive.root, 'c.mp3') });
  const trouble = step('1 · Plan').getByRole('region', { name: 'The plan could not be made' });
  await trouble.getByText(/The mapping’s first line has to name its columns/).waitFor();
  await expectAccessible(page);
  // What was filled in is there to be corrected.
  const filled = () =>
    Promise.all(
      ['The archive’s folder', 'The mapping'].map((label) =>
        page.getByLabel(label, { exact: true }).inputValue(),
      ),
    );
  expect(await filled()).toEqual([archive.root, join(archive.root, 'c.mp3')]);
  await page.getByLabel('The mapping', { exact: true }).fill(archive.mapping);
  await page.keyboard.press('Enter');
  await state(step('1 · Plan'), 'Done');

  await cp(archive.root, archive.aside, { recursive: true, preserveTimestamps: true });
  await rm(join(archive.aside, 'c.mp3'));
  const backup = step('2 · Back up');
  await backup.getByLabel('The back-up’s folder').fill(archive.aside);
  await page.keyboard.press('Enter');
  await backup.getByText(/1 · Is not in the back-up, or is another one there/).waitFor();
  await backup.getByText('c.mp3', { exact: true }).waitFor();
  await backup.getByText('Not all of it is the same, so the next step stays locked.').waitFor();
  await state(step('3 · Upload'), 'Locked');
  expect(await backup.getByLabel('The back-up’s folder').inputValue()).toBe(archive.aside);
  await backup.getByText('Elsewhere').click();
  await backup.getByLabel('Who made it, and where it is').fill('IT, on tape 14');
  await backup.getByRole('button', { name: 'Put it on record' }).click();
  await backup
    .getByText(/Back-up on record since .*, without a look at it: IT, on tape 14\./)
    .waitFor();

  await writeOld(join(archive.root, 'bio/b.mp3'), 'quite another lecture');
  const upload = step('3 · Upload');
  await upload.getByRole('button', { name: 'Start the upload' }).click();
  await upload
    .getByRole('list', { name: 'What is not uploaded' })
    .getByText(/Has changed since it was planned: it is not sent/)
    .waitFor();
  await upload.getByText(/goes with another plan/).waitFor();
  await step('4 · Verify').getByText('2 of 3 files are uploaded: all have to be.').waitFor();
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('a timetable says which class each recording is of, with or without a mapping', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  // Of a Monday, 09:08 in Berlin, and of a Tuesday.
  const { root, mapping } = await testArchive(app, api, files);
  const tuesday = new Date('2024-05-07T07:08:09.500Z');
  await utimes(join(root, 'c.mp3'), tuesday, tuesday);
  const timetable = `${mapping}.timetable.csv`;
  await writeFile(timetable, 'class_id,weekday,starts,ends\nart-2,mon,09:00,10:30\n');
  const step = await openArchivePage(window);
  const first = step('1 · Plan');
  await first.getByLabel('The archive’s folder').fill(root);
  await first.getByLabel('Who sends').fill('teacher-7');
  await first.getByRole('radio', { name: /^A timetable/ }).press('Space');
  await first.getByLabel('The timetable', { exact: true }).fill(timetable);
  const zone = first.getByLabel('Time zone of the timetable');
  await zone.fill('Europe/Atlantis');
  await first.getByText('No zone has this name.').waitFor();
  expect(await first.getByRole('button', { name: 'Make the plan' }).isDisabled()).toBe(true);
  await zone.fill('Europe/Berlin');
  await first.getByLabel('Your line’s upload, megabits a second').fill('1000');
  await first.getByText('What a timetable looks like').press('Enter');
  await expectAccessible(page);
  await first.getByRole('button', { name: 'Make the plan' }).press('Enter');
  await first.getByText('1 · Nothing says where it is to go. Not in the plan.').waitFor();
  await first.getByText('c.mp3 (Tue 2024-05-07 09:08, Europe/Berlin)').waitFor();
  await first.getByText(/^art-2: 2 files/).waitFor();
  await first.getByText(/at 1000 megabits a second/).waitFor();

  await first.getByText('Make or open another plan').press('Enter');
  await first.getByLabel('The archive’s folder').fill(root);
  await first.getByRole('radio', { name: /^Both/ }).press('Space');
  await first.getByLabel('Who sends').fill('teacher-7');
  await first.getByLabel('The timetable', { exact: true }).fill(timetable);
  await first.getByLabel('The mapping', { exact: true }).fill(mapping);
  await first.getByRole('button', { name: 'Make the plan' }).press('Enter');
  await first.getByText(/^bio-101: 3 files/).waitFor();
  expect(problems).toEqual([]);
});

test('in the app folders and files are chosen in its dialogs, and a plan that is there already is opened', async () => {
  await using dir = await tempDir();
  const [root, mapping, plan] = ['archive', 'map.csv', 'plan.jsonl'].map((name) =>
    join(dir.path, name),
  );
  await writeArchive(root!, files);
  await writeMapping(mapping!, [['.', 'bio-101', 'teacher-7']]);
  const revealed: string[] = [];
  await using window = await openWindow({
    host: {
      desktop: {
        chooseFolder: () => Promise.resolve(root),
        chooseFile: (what) => Promise.resolve(what === 'plan' ? plan : mapping),
        chooseSavePath: () => Promise.resolve(undefined),
        revealFile: (path) => void revealed.push(path),
      },
    },
  });
  const { api, problems } = window;
  // A page names no path that nobody has shown.
  await expect(api.openPlan({ file: plan! })).rejects.toMatchObject({ code: 'usage' });
  await expect(
    api.planMigration({ ...plainPlan, root: root!, mapping: mapping! }),
  ).rejects.toMatchObject({ code: 'usage' });
  const step = await openArchivePage(window);
  const first = step('1 · Plan');
  await first.getByRole('button', { name: 'Choose… The archive’s folder' }).click();
  await first.getByRole('button', { name: 'Choose… The mapping' }).click();
  // Nobody has said a name yet, and the computer's account may be everybody's.
  expect(await first.getByLabel('Who sends').inputValue()).toBe('');
  expect(await first.getByRole('button', { name: 'Make the plan' }).isDisabled()).toBe(true);
  await first.getByLabel('Who sends').fill('teacher-7');
  await first.getByRole('button', { name: 'Make the plan' }).click();
  await state(first, 'Done');
  await first.getByRole('button', { name: 'Show the plan’s file' }).click();
  await expect.poll(() => revealed).toHaveLength(1);
  const { id } = (await api.getMigration({})).plan!;

  await first.getByText('Make or open another plan').click();
  await first.getByText('Open a plan that is there already').click();
  await first.getByRole('button', { name: 'Choose… The plan’s file' }).click();
  await first.getByRole('button', { name: 'Open the plan' }).click();
  await first.getByText(`The file that was named is not there: ${plan}`).waitFor();
  await rename(revealed[0]!, plan!);
  await first.getByRole('button', { name: 'Open the plan' }).click();
  await first.getByText(plan!, { exact: true }).waitFor();
  expect((await api.getMigration({})).plan).toMatchObject({ id, file: plan });
  expect(problems).toEqual([]);
});
