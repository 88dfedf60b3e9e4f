/** @file What is found out about unfinished uploads that are not ours. */
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { uploadStore } from '../../electron/engine/store/uploads.ts';
import { listUnfinished } from '../../electron/engine/upload/unfinished.ts';
import { countingServer, openTestEngine, signal } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

test('of very many the oldest are looked into, wherever their keys stand', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using app = openTestEngine(s3, dir.path);
  const oldest = 'z/oldest.mp4';
  const body = Buffer.from('theirs');
  const headers = { contentType: 'video/mp4', metadata: {} };
  const id = await app.remote.createUpload(oldest, headers, signal());
  await app.remote.putPart(oldest, id, 1, body, crc32(body), signal());
  const later = Array.from({ length: 1_000 }, (_, i) => ({
    key: `a/${i}.mp4`,
    uploadId: `later-${i}`,
    startedAtMs: Date.now() + 60_000,
    storageClass: null,
    initiator: null,
  }));
  let asked = 0;
  const remote: Remote = {
    ...app.remote,
    async listUploads(...args) {
      const { uploads, isWhole } = await app.remote.listUploads(...args);
      return { uploads: [...later, ...uploads], isWhole };
    },
    listParts(key, ...rest) {
      asked += 1;
      return key === oldest ? app.remote.listParts(key, ...rest) : Promise.resolve(new Map());
    },
  };
  const uploads = uploadStore(app.home.database, Date.now);
  const parties = { remote, jobs: app.engine.jobs, uploads };
  const listed = await listUnfinished(parties, signal(), true);
  expect(listed.uploads.find(({ key }) => key === oldest)?.bytes).toBe(body.length);
  expect(listed.uploads.filter(({ bytes }) => bytes === null)).toHaveLength(1);
  expect(asked).toBe(1_000);
});
