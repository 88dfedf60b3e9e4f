import { cp, link, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareBackup, noteBackup } from '../../electron/engine/migrate/backup.ts';
import { openArchive, writeOld, type Archive } from '../support/archive.ts';
import { clean, DAYS_MS, files, verified } from '../support/cleaning.ts';

async function compare(
  { context, plan, dir, signal }: Archive,
  path = join(dir, 'backup'),
  number = 3,
) {
  const different: string[] = [];
  const made = await compareBackup(
    context,
    plan,
    path,
    number,
    (file, isSame) => void (isSame || different.push(file.path)),
    signal,
  );
  return { made, different: different.toSorted((a, b) => (a < b ? -1 : 1)) };
}

async function copyOf({ root, dir }: Archive): Promise<string> {
  const copy = join(dir, 'backup');
  await cp(root, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

test('a back-up is compared by its bytes, and what is not there or is another one is named', async () => {
  await using archive = await openArchive(files);
  const { context, plan, dir, root } = archive;
  const copy = await copyOf(archive);
  expect(await compare(archive)).toMatchObject({
    made: { compared: 3, same: 3, bytes: 27 },
    different: [],
  });
  expect((await compare(archive, copy, 2)).made).toMatchObject({ compared: 2, same: 2 });
  await writeOld(join(copy, 'sub/b.mp3'), 'LECTURE B');
  await rm(join(copy, 'a.mp3'));
  const { made, different } = await compare(archive);
  expect(made).toMatchObject({ compared: 3, same: 1 });
  expect(different).toEqual(['a.mp3', 'sub/b.mp3']);
  expect(archive.plans.backup(plan.id)).toEqual(made);

  await symlink(root, join(dir, 'itself'));
  for (const wrong of [root, join(dir, 'itself'), join(dir, 'nowhere')])
    await expect(compare(archive, wrong)).rejects.toThrow(
      /is the archive itself|There is no folder/,
    );
  // What is left of a disk that is away, and copies that are the archive's own files.
  await mkdir(join(dir, 'empty'));
  await expect(compare(archive, join(dir, 'empty'))).rejects.toMatchObject({ code: 'folder-away' });
  await mkdir(join(dir, 'links', 'sub'), { recursive: true });
  for (const path of Object.keys(files)) await link(join(root, path), join(dir, 'links', path));
  await expect(compare(archive, join(dir, 'links'))).rejects.toThrow(/is no copy/);
  expect(() => noteBackup(context, plan, ' ')).toThrow(/Say who/);
  expect(noteBackup(context, plan, 'the night job')).toMatchObject({ kind: 'said' });
  expect(archive.plans.backup(plan.id)).toMatchObject({ by: 'the night job' });
});

test('a back-up is compared with what is in quarantine, and with what was deleted after proof, too', async () => {
  await using archive = await verified();
  const { plan, plans } = archive;
  const copy = await copyOf(archive);
  await clean(archive, 'quarantine');
  expect((await compare(archive)).different).toEqual([]);
  // Killed before it was written down that it is there.
  const [first] = plans.files(plan.id);
  plans.setPlace(plan, first!, 'moving', 0);
  expect((await compare(archive)).different).toEqual([]);

  await clean(archive, 'undo');
  await clean(archive, 'quarantine');
  archive.pass(DAYS_MS);
  await clean(archive, 'purge');
  expect((await compare(archive)).made).toMatchObject({ compared: 3, same: 3 });
  await writeOld(join(copy, 'sub/b.mp3'), 'LECTURE B');
  expect((await compare(archive)).different).toEqual(['sub/b.mp3']);
});
