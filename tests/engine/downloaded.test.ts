/** @file What is downloaded into a followed folder goes nowhere else from there. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../shared/api.ts';
import { put, signal } from '../remote/port.ts';
import { openTestAppHost } from '../support/app-host.ts';
import { keysOf, openRemote } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const page = { offset: 0, limit: 100 };

test.each(['itself', 'a link to it'])(
  'what is saved in a followed folder (by %s) is not sent to its class; its next version is',
  async (by) => {
    await using dir = await tempDir();
    const folder = join(dir.path, 'Recordings');
    await mkdir(folder);
    const link = join(dir.path, 'link');
    await symlink(folder, link);
    const saved = join(by === 'itself' ? folder : link, 'chemistry.mp3');
    const desktop = { chooseSavePath: async () => saved };
    await using app = await openTestAppHost({ desktop });
    const api = createClient((name, input) => app.host.serve(name, input));
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
    await api.saveFolder({ path: folder, rule: { ...rule, include: [], exclude: [] } });
    await api.refreshObjects({});
    await api.startDownload({ key });
    const state = async () => (await api.listDownloads({}))[0]?.state;
    await expect.poll(state, { timeout: 20_000 }).toBe('done');
    const states = async () => {
      const some = (['all', 'dismissed'] as const).map((filter) =>
        api.listJobs({ filter, ...page }),
      );
      const rows = (await Promise.all(some)).flatMap((one) => one.rows);
      return rows.map((row) => `${row.name} ${row.state}`).toSorted();
    };
    await writeFile(join(folder, 'lesson.mp3'), 'sound of a lesson');
    await api.lookAgain({});
    await expect
      .poll(states, { timeout: 20_000 })
      .toEqual(['chemistry.mp3 dropped', 'lesson.mp3 verified']);
    expect((await keysOf(remote)).filter((one) => one.startsWith('audio/bio-101/'))).toHaveLength(
      1,
    );
    await writeFile(saved, 'a lesson over it');
    await api.lookAgain({});
    const isSent = async () => (await states()).includes('chemistry.mp3 verified');
    await expect.poll(isSent, { timeout: 20_000 }).toBe(true);
    expect((await remote.head(key, signal()))?.sizeBytes).toBe(18);
  },
);
