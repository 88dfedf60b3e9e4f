import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCli } from '../support/cli.ts';
import { countingServer, openRemote } from '../support/engine.ts';

/** What each verb's document has to hold; of a list, each of its items. `null` stands for what nobody knows. */
const fields = {
  doctor: { ok: [], checks: ['id', 'ok', 'title'], permissions: [], abilities: [] },
  'folders list': { folders: ['id', 'path', 'kind', 'classId', 'userId', 'state'] },
  upload: { results: ['path', 'state', 'key', 'sizeBytes', 'sha256'] },
  status: { safeToLeave: [], reason: [], counts: [], bytesLeft: [] },
  jobs: { jobs: ['id', 'path', 'state', 'key', 'sizeBytes', 'sentBytes', 'attempts'] },
  retry: { retried: [] },
  list: { objects: ['key', 'sizeBytes', 'lastModified', 'storageClass'], truncated: [] },
  search: {
    objects: ['key', 'sizeBytes', 'lastModified', 'storageClass'],
    total: [],
    indexedAt: [],
  },
  metadata: {
    key: [],
    sizeBytes: [],
    contentType: [],
    metadata: [],
    checksum: [],
    storageClass: [],
    readability: [],
  },
  exists: { exists: [] },
  download: { path: [], sizeBytes: [], verified: [] },
  url: { url: [], expiresAt: [], expiresBecause: [] },
  links: { links: ['id', 'place', 'key', 'name', 'createdAt', 'expiresAt', 'mode', 'state'] },
  delete: { deleted: [], recoverable: [] },
  undelete: { deleted: [], total: [], versioning: [] },
  audit: { rows: ['verdict'] },
  unfinished: { uploads: ['key', 'uploadId', 'ours', 'startedAt', 'bytes'] },
  diagnostics: { path: [], contents: ['name'] },
} as const satisfies Record<string, Record<string, readonly string[]>>;

test('each verb’s document has the fields of the contract, also where nothing is known', async () => {
  // This storage keeps no checksum, this folder has no class, and one of the files is not there.
  await using s3 = await countingServer({ checksums: 'ignored' });
  await using cli = await openCli(s3);
  using remote = openRemote(s3);
  const headers = { contentType: 'video/mp4', metadata: {} };
  await remote.createUpload('audio/bio-101/theirs.mp4', headers, AbortSignal.timeout(30_000));
  for (const name of ['a.mp3', 'b.mp3']) await writeFile(join(cli.folder, name), name);
  await cli.run('folders', 'add', '.');
  await cli.run('sync');
  const upload = ['upload', 'a.mp3', 'gone.mp3', '--class', 'bio-101', '--json'];
  const [{ key }] = (await cli.run(...upload)).json().results;
  const given: Partial<Record<keyof typeof fields, readonly string[]>> = {
    upload: upload.slice(1),
    search: ['bio-101'],
    metadata: [key],
    exists: [key],
    download: [key, 'copy.mp3'],
    url: [key],
    delete: [key, '--yes'],
    audit: ['--all'],
    diagnostics: ['--out', 'report.zip'],
  };
  for (const [verb, wanted] of Object.entries(fields)) {
    const args = given[verb as keyof typeof fields] ?? [];
    const document = (await cli.run(...verb.split(' '), ...args, '--json')).json();
    expect([verb, missingIn(document, wanted)]).toEqual([verb, []]);
  }
});

test('the reference names the fields of each verb’s document', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/CLI.md'), 'utf8');
  for (const [verb, wanted] of Object.entries(fields)) {
    const [, section = ''] = text.split(`\n### \`${verb}\`\n`);
    const [, line = ''] = /^`--json`: (.*)$/m.exec(section) ?? [];
    const names = [...Object.keys(wanted), ...Object.values(wanted).flat()];
    // What items are like may be said with a verb before.
    const toSay = line.includes('as of `') ? Object.keys(wanted) : names;
    expect([verb, toSay.filter((name) => !line.includes(name))]).toEqual([verb, []]);
  }
});

test('each line of a sync says what happened to which file, and the last one counts', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  for (const name of ['a.mp3', 'notes.txt']) await writeFile(join(cli.folder, name), name);
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  const lines = (await cli.run('sync', '--json')).lines();
  const counts = ['found', 'uploaded', 'verified', 'held', 'failed', 'skipped'];
  expect(missingIn({ lines: [lines.at(-1)] }, { lines: ['event', ...counts] })).toEqual([]);
  const rest = lines.slice(0, -1);
  expect(missingIn({ lines: rest }, { lines: ['event', 'path', 'state'] })).toEqual([]);
  const ofJob = rest.filter(({ state }) => ['uploading', 'verified'].includes(state));
  const known = ['key', 'sentBytes', 'sizeBytes'];
  expect(missingIn({ lines: ofJob }, { lines: known })).toEqual([]);
});

/** A list of which no item is there shows nothing, and counts as missing. */
function missingIn(
  document: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, readonly string[]>>,
): string[] {
  return Object.entries(wanted).flatMap(([field, ofItems]) => {
    if (!Object.hasOwn(document, field)) return [field];
    if (ofItems.length === 0) return [];
    const items = document[field] as object[];
    if (items.length === 0) return [`${field}[]`];
    return items.flatMap((item) =>
      ofItems.filter((name) => !Object.hasOwn(item, name)).map((name) => `${field}[].${name}`),
    );
  });
}
