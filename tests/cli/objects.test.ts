import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { canarySession } from '../support/canary.ts';
import { countingServer } from '../support/engine.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';
import { listMany } from '../support/many.ts';
import { openServer } from '../support/s3-servers.ts';

const run = promisify(execFile);

test('metadata names the encryption and the storage class, for machines and for people', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, { AWS_S3_KMS_KEY_ID: 'alias/school' });
  await writeFile(join(cli.folder, 'a.mp3'), 'a recording');
  const uploaded = await cli.run('upload', 'a.mp3', '--class', 'bio-101', '--user', 't', '--json');
  const [{ key }] = uploaded.json().results;
  expect((await cli.run('metadata', key, '--json')).json()).toMatchObject({
    storageClass: 'STANDARD',
    encryption: 'aws:kms',
    kmsKeyId: 'alias/school',
  });
  const lines = (await cli.run('metadata', key)).stdout.split('\n');
  expect(lines).toContain('  storage class     STANDARD');
  expect(lines).toContain('  encryption        aws:kms, key alias/school');
});

test('upload answers with the key and hash; metadata, exists, list, search and download agree with it', async () => {
  await using cli = await openCliWithStorage();
  const bytes = Buffer.alloc(100_000, 'photosynthesis ');
  await writeFile(join(cli.folder, 'Photosynthèse week 3.mp3'), bytes);
  await writeFile(join(cli.folder, 'handout.pdf'), 'a handout');

  const uploaded = await cli.run(
    'upload',
    'Photosynthèse week 3.mp3',
    '--class',
    'bio-101',
    '--user',
    'teacher-7',
    '--json',
  );
  expect(uploaded.code).toBe(0);
  const [result] = uploaded.json().results;
  expect(result).toEqual({
    path: join(cli.folder, 'Photosynthèse week 3.mp3'),
    state: 'verified',
    key: expect.stringMatching(/^audio\/bio-101\/[0-9a-f-]{36}\.mp3$/),
    sizeBytes: 100_000,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const document = await cli.run(
    'upload',
    'handout.pdf',
    '--kind',
    'documents',
    '--user',
    'staff-1',
    '--json',
  );
  expect(document.json().results[0].key).toMatch(/^documents\/staff-1\/[0-9a-f-]{36}\.pdf$/);

  const metadata = (await cli.run('metadata', result.key, '--json')).json();
  expect(metadata).toMatchObject({
    key: result.key,
    sizeBytes: 100_000,
    contentType: 'audio/mpeg',
    checksum: { type: 'CRC32' },
    storageClass: 'STANDARD',
    metadata: {
      user_id: 'teacher-7',
      class_id: 'bio-101',
      original_filename: 'Photosynthèse week 3.mp3',
      sha256: result.sha256,
    },
  });
  expect((await cli.run('exists', result.key, '--json')).json()).toEqual({ exists: true });
  const missing = await cli.run('exists', 'audio/bio-101/none.mp3', '--json');
  expect([missing.code, missing.json()]).toEqual([0, { exists: false }]);

  const listed = (await cli.run('list', '--prefix', 'audio/', '--json')).json();
  expect(listed).toMatchObject({
    truncated: false,
    objects: [{ key: result.key, sizeBytes: 100_000, name: 'Photosynthèse week 3.mp3' }],
  });
  expect((await cli.run('list', '--max-keys', '1', '--json')).json()).toMatchObject({
    truncated: true,
    objects: [{}],
  });
  for (const words of [
    ['photosynthese'],
    ['bio-101', 'week'],
    [new Date().toISOString().slice(0, 10), 'photo'],
  ])
    expect((await cli.run('search', ...words, '--json')).json().objects).toMatchObject([
      { key: result.key },
    ]);

  const first = await cli.run('download', result.key, '--json');
  expect(first.code).toBe(1); // The original is in this folder under that very name, and stays.
  expect(first.json().error).toMatchObject({
    code: 'download-exists',
    remedy: 'It was not touched. Choose another name. To replace it: --overwrite.',
  });
  const copy = (await cli.run('download', result.key, 'copy.mp3', '--json')).json();
  expect(copy).toEqual({ path: join(cli.folder, 'copy.mp3'), sizeBytes: 100_000, verified: true });
  expect(await readFile(join(cli.folder, 'copy.mp3'))).toEqual(bytes);
  await mkdir(join(cli.folder, 'Downloads'));
  const inFolder = (await cli.run('download', result.key, 'Downloads', '--json')).json();
  expect(inFolder.path).toBe(join(cli.folder, 'Downloads', 'Photosynthèse week 3.mp3'));
  expect(await readFile(inFolder.path)).toEqual(bytes);
});

test('what is downloaded into a watched folder is not sent to its class', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound of chemistry');
  const sent = await cli.run('upload', 'a.mp3', '--class', 'chem-1', '--json');
  await mkdir(join(cli.folder, 'Recordings'));
  await cli.run('folders', 'add', 'Recordings', '--class', 'bio-101');
  await cli.run('download', sent.json().results[0].key, 'Recordings');
  const last = (await cli.run('sync', '--json')).lines().at(-1);
  expect(last).toMatchObject({ event: 'summary', found: 1, uploaded: 0, held: 0, failed: 0 });
  const there = await cli.run('list', '--prefix', 'audio/bio-101/', '--json');
  expect(there.json().objects).toEqual([]);
});

test('a download that the ledger cannot note is saved all the same, with a warning', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound of chemistry');
  const sent = await cli.run('upload', 'a.mp3', '--class', 'chem-1', '--json');
  await mkdir(join(cli.folder, 'Recordings'));
  await cli.run('folders', 'add', 'Recordings', '--class', 'bio-101');
  const { database, close } = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  database.exec(
    `CREATE TRIGGER refused BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  );
  close();
  const saved = await cli.run('download', sent.json().results[0].key, 'Recordings', '--json');
  expect(saved.code).toBe(0);
  const path = join(cli.folder, 'Recordings', 'a.mp3');
  expect(saved.json()).toEqual({ path, sizeBytes: 18, verified: true });
  expect(await readFile(path, 'utf8')).toBe('sound of chemistry');
  expect(saved.stderr).toContain(
    'Warning: It could not be noted that a.mp3 comes from the storage',
  );
});

test('a link says when it really ends and opens with curl under the original name', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'Vorlesung Öl.mp3'), 'sound');
  const { key } = (
    await cli.run('upload', 'Vorlesung Öl.mp3', '--class', 'bio-101', '--json')
  ).json().results[0];
  const link = (
    await cli.run('url', key, '--expires-in', '120', '--mode', 'watch', '--json')
  ).json();
  expect(link).toMatchObject({ expiresBecause: 'asked' });
  expect(Date.parse(link.expiresAt) - Date.now()).toBeLessThanOrEqual(120_000);
  const { stdout } = await run('curl', ['-sS', '-D', '-', link.url]);
  expect(stdout).toContain(
    `inline; filename="Vorlesung ?l.mp3"; filename*=UTF-8''Vorlesung%20%C3%96l.mp3`,
  );
  expect(stdout.endsWith('\r\n\r\nsound')).toBe(true);
  const long = (await cli.run('url', key, '--expires-in', '999999999', '--json')).json();
  expect(long.expiresBecause).toBe('seven-days');
  expect((await cli.run('links', '--state', 'live', '--json')).json().links).toHaveLength(2);
  const nothing = await cli.run('url', 'audio/bio-101/none.mp3', '--json');
  expect([nothing.code, nothing.json().error.code]).toEqual([1, 'no-object']);
});

test('a link that temporary keys sign works until then at most, and the list of links keeps that', async () => {
  const { sessionToken: token, ...keys } = canarySession(1);
  await using s3 = await countingServer({ sessions: [{ ...keys, token, endsAtMs: Infinity }] });
  await using cli = await openCli({ ...s3, ...keys }, { AWS_SESSION_TOKEN: token });
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  const uploaded = await cli.run('upload', 'a.mp3', '--class', 'bio-101', '--json');
  const { stderr } = await cli.run('url', uploaded.json().results[0].key);
  expect(stderr).toMatch(/^Works until .* at most\. .*\nIt may stop working sooner: /);
  expect((await cli.run('links')).stdout).toMatch(/^ {3}1 live {5}until .* at most {2}a\.mp3$/m);
});

test('a search that finds more than it shows says how many more', async () => {
  await using cli = await openCli();
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  await listMany(home.database, 1_003);
  home.close();
  const found = (await cli.run('search', 'bio-101', '--json')).json();
  expect([found.objects.length, found.total]).toEqual([1_000, 1_003]);
  const lines = (await cli.run('search', 'bio-101')).stdout.trim().split('\n');
  expect([lines.length, lines.at(-1)]).toEqual([1_001, expect.stringMatching(/^… and 3 more: /)]);
  expect((await cli.run('search', 'Lecture')).stdout.trim().split('\n')).toHaveLength(2);
});

test('what is stored is listed where the home cannot be opened, too; a link, which goes on record there, is not made', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  const sent = await cli.run('upload', 'a.mp3', '--class', 'bio-101', '--json');
  const { key } = sent.json().results[0];
  const listed = await cli.run('list', '--home', 'a.mp3', '--json');
  expect([listed.code, listed.json().objects]).toEqual([0, [expect.objectContaining({ key })]]);
  expect(listed.stderr).toBe(
    'The library cannot be opened: this is listed without the names that are known here.\n',
  );
  const link = await cli.run('url', key, '--home', 'a.mp3', '--json');
  expect([link.code, link.json().error.code]).toEqual([1, 'home-unusable']);
});

test('a search finds what was stored from here since the last listing', async () => {
  await using cli = await openCliWithStorage();
  const store = async (name: string) => {
    await writeFile(join(cli.folder, name), name);
    await cli.run('upload', name, '--class', 'bio-101');
  };
  const found = async () => (await cli.run('search', 'bio-101', '--json')).json();
  await store('One.mp3');
  const { total, indexedAt } = await found();
  expect([total, (await found()).indexedAt]).toEqual([1, indexedAt]);
  await store('Two.mp3');
  // The bytes of before come last: that has no object of its own.
  await writeFile(join(cli.folder, 'Copy of One.mp3'), 'One.mp3');
  await cli.run('upload', 'Copy of One.mp3', '--class', 'bio-101');
  expect((await found()).total).toBe(2);
});
