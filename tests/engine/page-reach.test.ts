/** @file What a page may make the engine do is bounded by what a person has shown it, or entered for that place. */
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { apiOf, openTestAppHost } from '../support/app-host.ts';

const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
const folderOf = (path: string) => ({ path, rule: { ...rule, include: [], exclude: [] } });

/** A place that is no storage of ours, and hears what it is sent. */
async function openStranger(): Promise<{ url: string; heard: string[] } & AsyncDisposable> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(JSON.stringify([request.url, request.headers]));
    response.writeHead(403).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server has an AddressInfo.
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('keys that were entered for one address are not sent to another, neither to try it nor when it is saved', async () => {
  await using stranger = await openStranger();
  await using app = await openTestAppHost({ env: { AWS_EC2_METADATA_DISABLED: 'true' } });
  const api = apiOf(app);
  const { bucket, region, endpoint, accessKeyId, secretAccessKey } = app.s3;
  const keys = { accessKeyId, secretAccessKey };
  const connection = { bucket, region, endpoint, profile: '' };
  await api.saveConnection({ ...connection, keys });
  expect(await api.getConnection({})).toMatchObject({ hasKeys: true });
  // The same place, written in another way, is the same place.
  await api.saveConnection({
    ...connection,
    endpoint: ` ${endpoint.toUpperCase()}/`.trim(),
    keys: null,
  });
  expect(await api.getConnection({})).toMatchObject({ hasKeys: true });

  const file = await api.readEnvFile({ text: `AWS_S3_ENDPOINT_URL=${stranger.url}` });
  expect(file).toMatchObject({ keys: null, connection: { isAsBefore: true, areKeysKept: false } });
  await api.testConnection({ envFile: file.id }).catch(() => {});
  await api.saveConnection({ ...connection, endpoint: stranger.url, keys: null });
  expect(await api.getConnection({})).toMatchObject({ hasKeys: false, endpoint: stranger.url });
  await api.refreshObjects({}).catch(() => {});
  expect(stranger.heard.filter((request) => request.includes(accessKeyId))).toEqual([]);

  await api.saveConnection({ ...connection, endpoint: stranger.url, keys });
  await api.refreshObjects({}).catch(() => {});
  expect(stranger.heard.filter((request) => request.includes(accessKeyId))).not.toEqual([]);
});

test('an object that no listing, upload or link has shown is neither read, linked to, saved nor deleted', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  const { remote } = app.host.storage();
  const key = 'payroll/2026.png';
  const bytes = Buffer.from('secret');
  const headers = { contentType: 'image/png', metadata: {} };
  await remote.putObject(key, bytes, crc32(bytes), headers, AbortSignal.timeout(10_000));
  const choices = { expiresInSeconds: 60, mode: 'watch', note: '' } as const;
  const link = { key, ...choices };
  const attempts = () =>
    Promise.allSettled([
      api.getObject({ key }),
      api.startPreview({ key }),
      api.startDownload({ key }),
      api.createLink(link),
      api.saveLinkPage({ ...choices, keys: [key] }),
    ]);
  // By itself: no link is made to what is being deleted.
  const deletion = () => Promise.allSettled([api.deleteObject({ key })]);
  for (const attempt of [...(await attempts()), ...(await deletion())])
    expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'no-object' } });
  expect(await remote.head(key, AbortSignal.timeout(10_000))).toBeDefined();
  await api.refreshObjects({});
  for (const attempt of [...(await attempts()), ...(await deletion())])
    expect(attempt.status).toBe('fulfilled');
  // Its address names the key that has signed it, as each address does.
  await rm(join(dirname(app.folder), '1 recording.html'));
});

test('a single file is uploaded only when the host’s dialog or a drop gave it, and to where it is said', async () => {
  let chosen: string[] = [];
  await using app = await openTestAppHost({
    desktop: {
      chooseFolder: () => Promise.resolve(app.folder),
      chooseFiles: () => Promise.resolve(chosen),
      chooseSavePath: () => Promise.resolve(undefined),
    },
  });
  const api = apiOf(app);
  const at = (name: string) => join(app.folder, name);
  for (const name of ['chosen.mp3', 'dropped.mp3', 'other.mp3']) await writeFile(at(name), name);
  await writeFile(at('empty.mp3'), '');
  const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
  const refuses = (...names: string[]) =>
    expect(api.uploadFiles({ paths: names.map(at), to })).rejects.toMatchObject({ code: 'usage' });
  await refuses('chosen.mp3');
  expect(await api.chooseFiles({})).toEqual({ files: [] }); // Closed without choosing.
  chosen = [at('chosen.mp3'), at('empty.mp3'), app.folder];
  const file = { path: at('chosen.mp3'), name: 'chosen.mp3', sizeBytes: 10 };
  const { files } = await api.chooseFiles({});
  expect(files).toMatchObject([file, { sizeBytes: 0 }, { sizeBytes: null }]);
  app.host.dropped(at('dropped.mp3'));
  // Neither a folder that was chosen nor one given file opens what is beside it.
  await api.chooseFolder({});
  await refuses('chosen.mp3', 'other.mp3');
  expect((await api.listJobs({ filter: 'all', offset: 0, limit: 10 })).total).toBe(0);
  const paths = [...chosen, at('dropped.mp3')];
  expect(await api.uploadFiles({ paths, to })).toEqual({
    left: [
      { path: at('empty.mp3'), why: 'empty-file' },
      { path: app.folder, why: 'not-a-file' },
    ],
  });
  const done = async () => {
    const { rows } = await api.listJobs({ filter: 'done', offset: 0, limit: 10 });
    return rows.map(({ name, key }) => `${name} ${key?.slice(0, 14)}`).toSorted();
  };
  await expect.poll(done).toEqual(['chosen.mp3 audio/bio-101/', 'dropped.mp3 audio/bio-101/']);
});

test('where a person shows folders to the host itself, a page names no other', async () => {
  let chosen: string | undefined;
  await using app = await openTestAppHost({
    desktop: {
      chooseFolder: () => Promise.resolve(chosen),
      chooseSavePath: () => Promise.resolve(undefined),
    },
  });
  const api = apiOf(app);
  const recording = join(app.folder, 'lecture.mp3');
  await writeFile(recording, 'sound');
  const refuses = async (path: string) => {
    for (const call of [api.previewFolder, api.saveFolder])
      await expect(call(folderOf(path))).rejects.toMatchObject({ code: 'usage' });
  };
  await refuses(app.folder);
  await api.chooseFolder({}); // Closed without choosing.
  await refuses(app.folder);
  app.host.dropped(recording);
  expect(await api.previewFolder(folderOf(app.folder))).toMatchObject({ total: 1 });
  await refuses(dirname(app.folder));
  chosen = dirname(app.folder);
  expect(await api.chooseFolder({})).toEqual({ path: chosen });
  await api.previewFolder(folderOf(chosen));
  await refuses(dirname(chosen));
  expect(await api.saveFolder(folderOf(app.folder))).toMatchObject({ path: app.folder });
});
