import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { folderRule, folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore, type NewJob } from '../../electron/engine/store/jobs.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

const states = [
  { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
  { kind: 'held', reason: 'needs-class' },
  { kind: 'verified', proof: 'checksum', verifiedAtMs: 1 },
] as const satisfies NewJob['state'][];

test.each([30, 2_400])(
  'of %i recordings of two folders, each of one that may still need its file is told once, in order',
  async (recordings) => {
    await using dir = await tempDir();
    const home = lockHome({ path: join(dir.path, 'home') });
    const rule = folderRule.parse({ kind: 'uploads', userId: 'teacher-7' });
    const folders = ['/r/one', '/r/two'].map((path) =>
      folderStore(home.database, Date.now).put(path, rule),
    );
    const jobs = jobStore(home.database, Date.now);
    const expected: number[] = [];
    home.database.transaction(() => {
      for (let n = 0; n < recordings; n += 1) {
        const folder = folders[n % 2]!;
        const { job } = jobs.enqueue({
          ...queuedJob(n),
          path: join(folder.path, `${n}.mp3`),
          folderId: folder.id,
          state: states[n % 3]!,
        });
        if (folder === folders[0] && job.state.kind !== 'verified') expected.push(job.id);
      }
    })();
    const told: number[] = [];
    for (let page = jobs.unsentOf(folders[0]!.id, 0); page.length > 0;) {
      told.push(...page.map(({ id }) => id));
      page = jobs.unsentOf(folders[0]!.id, told.at(-1)!);
    }
    expect(told).toEqual(expected);
    home.close();
  },
);
