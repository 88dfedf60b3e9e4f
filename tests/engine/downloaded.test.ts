/** @file What is downloaded into a followed folder goes nowhere else from there. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../../electron/engine/files/disks.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { put, signal } from '../remote/port.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { keysOf, openRemote } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const page = { offset: 0, limit: 100 };

/** The disk of a followed folder hangs: two questions, as many as are put to one, wait for their answer. */
function hang(homePath: string, path: string): Disposable {
  const { database, close } = openHome({ path: homePath });
  const folders = folderStore(database, Date.now);
  const { id } = folders.list().find((folder) => folder.path === path)!;
  folders.setIdentity(id, { ...folders.identity(id)!, device: path });
  const { promise, resolve } = Promise.withResolvers<void>();
  for (let asked = 0; asked < 2; asked += 1) void ask(path, () => promise, { limitMs: 60_000 });
  return {
    [Symbol.dispose]() {
      resolve();
      close();
    },
  };
}

test.each([
  { how: 'itself', followed: 'Recordings', savedIn: 'Recordings' },
  { how: 'a link to it', followed: 'Recordings', savedIn: 'link' },
  { how: 'itself, and it is followed by a link', followed: 'link', savedIn: 'Recordings' },
])(
  'what is saved in a followed folder (by $how) is not sent to its class, while the disk of another one hangs; its next version is',
  async ({ followed, savedIn }) => {
    await using dir = await tempDir();
    const share = join(dir.path, 'share');
    await mkdir(share);
    await mkdir(join(dir.path, 'Recordings'));
    await symlink(join(dir.path, 'Recordings'), join(dir.path, 'link'));
    const folder = join(dir.path, followed);
    const saved = join(dir.path, savedIn, 'chemistry.mp3');
    const desktop = { chooseSavePath: async () => saved };
    await using app = await openTestAppHost({ desktop });
    const api = apiOf(app);
    using remote = openRemote(app.s3);
    const key = 'audio/chem-1/0190.mp3';
    await put(remote, key, Buffer.from('sound of chemistry'));
    const rule = {
      kind: 'audio',
      classId: 'bio-101',
      userId: 't',
      include: [],
      exclude: [],
    } as const;
    for (const path of [share, folder])
      await api.saveFolder({ path, rule: { ...rule, include: [], exclude: [] } });
    using _ = hang(app.homePath, share);
    await api.refreshObjects({});
    await api.startDownload({ key });
    const state = async () => (await api.listDownloads({}))[0]?.state;
    await expect.poll(state).toBe('done');
    const states = async () => {
      const some = (['all', 'dismissed'] as const).map((filter) =>
        api.listJobs({ filter, ...page }),
      );
      const rows = (await Promise.all(some)).flatMap((one) => one.rows);
      return rows.map((row) => `${row.name} ${row.state}`).toSorted();
    };
    await writeFile(join(folder, 'lesson.mp3'), 'sound of a lesson');
    await api.lookAgain({});
    await expect.poll(states).toEqual(['chemistry.mp3 dropped', 'lesson.mp3 verified']);
    expect((await keysOf(remote)).filter((one) => one.startsWith('audio/bio-101/'))).toHaveLength(
      1,
    );
    await writeFile(saved, 'a lesson over it');
    await api.lookAgain({});
    const isSent = async () => (await states()).includes('chemistry.mp3 verified');
    await expect.poll(isSent).toBe(true);
    expect((await remote.head(key, signal()))?.sizeBytes).toBe(18);
  },
);
