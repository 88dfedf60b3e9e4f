/** @file An archive of years in the app itself: from a folder that a person chooses to a disk that is free, and back. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { LAST_TERM, writeMapping } from '../support/archive.ts';
import { storageEnv } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { needElectron, openPlace, type TestApp } from './app.ts';

beforeEach(needElectron);

const MIB = 1024 * 1024;
/** One that goes up in parts, one of a few bytes, and a name that is hard to carry. */
const files: Record<string, Buffer> = {
  'bio/Zellteilung, Woche 3.mp4': randomBytes(9 * MIB + 5),
  'bio/b.mp3': randomBytes(7),
  "teacher's 100 % <b>.mp3": randomBytes(70_000),
};

/** A person who chooses these folders, this file and these places to save, each when it is asked for. */
async function answer(
  { electron }: TestApp,
  answers: Readonly<{ folders: string[]; mapping: string; saveIn: string }>,
): Promise<void> {
  await electron.evaluate(({ dialog }, { folders, mapping, saveIn }) => {
    dialog.showOpenDialog = (...args: unknown[]) => {
      const { title } = args.at(-1) as { title: string };
      const path = title === 'Choose the mapping' ? mapping : folders.shift()!;
      return Promise.resolve({ canceled: false, filePaths: [path] });
    };
    dialog.showSaveDialog = (...args: unknown[]) => {
      const { defaultPath } = args.at(-1) as { defaultPath: string };
      const name = defaultPath.split(/[/\\]/).at(-1)!;
      return Promise.resolve({ canceled: false, filePath: `${saveIn}/${name}` });
    };
  }, answers);
}

/** Every file below a folder, with its bytes. */
async function bytesIn(root: string): Promise<Record<string, Buffer>> {
  const paths = await readdir(root, { recursive: true, withFileTypes: true });
  const found = paths
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  const read = found.toSorted().map(async (path) => [path, await readFile(join(root, path))]);
  return Object.fromEntries(await Promise.all(read)) as Record<string, Buffer>;
}

/** What is in the storage, by its name there, fetched as whoever has a link does. */
async function bytesStored({ api }: TestApp): Promise<Buffer[]> {
  await api.refreshObjects({});
  const { rows } = await api.listObjects({ owner: null, words: '', offset: 0, limit: 10 });
  return Promise.all(
    rows.map(async ({ key }) => {
      const asked = { key, expiresInSeconds: 600, mode: 'download', note: '' } as const;
      const { url } = await api.createLink(asked);
      return Buffer.from(await (await fetch(url)).arrayBuffer());
    }),
  );
}

const sorted = (all: Buffer[]) => all.toSorted((a, b) => a.length - b.length);

test('an archive is planned, uploaded, verified and freed in the app, and every byte is there at each step', async () => {
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  const [root, aside, mapping] = ['archive', 'aside', 'map.csv'].map((name) =>
    join(place.path, name),
  ) as [string, string, string];
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
    await utimes(join(root, path), LAST_TERM, LAST_TERM);
  }
  await cp(root, aside, { recursive: true, preserveTimestamps: true });
  await writeMapping(mapping, [['.', 'bio-101', 'teacher-7']]);
  await using app = await place.launch({ env: storageEnv(s3) });
  await answer(app, { folders: [root, aside], mapping, saveIn: place.path });
  const { page } = app;
  const step = (name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
  const done = (name: string) =>
    step(name).getByText('Done', { exact: true }).waitFor({ timeout: 45_000 });

  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Control+6');
  await page.getByRole('button', { name: 'Choose… The archive’s folder' }).click();
  await page.getByRole('button', { name: 'Choose… The mapping' }).click();
  await page.getByLabel('Who sends').fill('teacher-7');
  await page.getByRole('button', { name: 'Make the plan' }).click();
  await done('1 · Plan');
  await page.getByRole('button', { name: 'Choose… The back-up’s folder' }).click();
  await page.getByRole('button', { name: 'Compare' }).click();
  await done('2 · Back up');
  await page.getByRole('button', { name: 'Start the upload' }).click();
  await done('3 · Upload');
  await page.getByRole('button', { name: 'Verify' }).click();
  await done('4 · Verify');
  expect(await bytesIn(root)).toEqual(files);
  expect(sorted(await bytesStored(app))).toEqual(sorted(Object.values(files)));

  await page.getByRole('button', { name: 'Move into quarantine…' }).click();
  await page.getByLabel('To go on, type the number of files: 3').fill('3');
  await page.keyboard.press('Enter');
  const inQuarantine = step('5 · Free the disk').getByText('In quarantine', { exact: true });
  await inQuarantine.waitFor({ timeout: 45_000 });
  const [hidden = '', ...others] = await readdir(root);
  expect([hidden, others]).toEqual(['.pansea-quarantine', ['bio']]);
  const [id = ''] = await readdir(join(root, hidden));
  expect(await bytesIn(join(root, hidden, id))).toEqual(files);

  await page.getByRole('button', { name: 'Save the receipts' }).click();
  await page.getByText(/^[0-9a-f]{64}$/).waitFor();
  await page.getByRole('button', { name: 'Save the program that checks them' }).click();
  const saved = ['verify-receipts.mjs', 'archive receipts.jsonl'];
  await expect.poll(() => readdir(place.path)).toEqual(expect.arrayContaining(saved));
  const { stdout } = await promisify(execFile)(process.execPath, saved, { cwd: place.path });
  expect(stdout).toContain('6 receipts, unbroken.');

  await page.getByRole('button', { name: 'Put everything back' }).click();
  await step('5 · Free the disk').getByText('3 files (9', { exact: false }).first().waitFor();
  await expect
    .poll(() => readdir(root).then((names) => names.toSorted()))
    .toEqual(['bio', "teacher's 100 % <b>.mp3"]);
  expect(await bytesIn(root)).toEqual(files);
  expect(app.complaints).toEqual([]);
});
