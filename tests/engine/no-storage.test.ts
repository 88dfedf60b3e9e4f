import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient, type Api } from '../../shared/api.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { openTestAppHost } from '../support/app-host.ts';
import { bioClass, toBio } from '../support/engine.ts';

/** What a kill leaves of a recording that was on its way. */
function leaveUnderWay(homePath: string, folder: string): void {
  const home = lockHome({ path: homePath });
  const { id } = folderStore(home.database, Date.now).put(folder, bioClass);
  const jobs = jobStore(home.database, Date.now);
  const { job } = jobs.enqueue({
    path: join(folder, 'lecture.mp3'),
    sizeBytes: 5,
    mtimeNs: '1',
    name: 'lecture.mp3',
    folderId: id,
    contentType: 'audio/mpeg',
    destination: toBio,
    key: 'audio/bio-101/01900000-0000-7000-8000-000000000000.mp3',
    token: 'token',
    state: { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
  });
  jobs.apply(job.id, [{ type: 'claimed' }]);
  home.close();
}

test('what was on its way at a crash goes by what a person decides before a storage is connected again', async () => {
  await using before = await openTestAppHost({ env: {} });
  await before.host.stop();
  leaveUnderWay(before.homePath, before.folder);
  await using app = await openTestAppHost({ env: {}, homePath: before.homePath });
  const api: Api = createClient(async (name, input) => app.host.serve(name, input));
  await api.saveFolder({ path: before.folder, rule: { ...bioClass, classId: 'chem-7' } });
  const { rows } = await api.listJobs({ filter: 'all', offset: 0, limit: 10 });
  expect(rows).toMatchObject([{ state: 'queued', destination: 'chem-7' }]);
  expect(await api.dismissJobs({ ids: [rows[0]!.id] })).toEqual({ dismissed: 1 });
});
