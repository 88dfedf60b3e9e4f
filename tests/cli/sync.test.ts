import { copyFile, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { openCli, openCliWithStorage } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';

const sound = (seed: number, bytes = 50_000) => Buffer.alloc(bytes, `sound ${seed} `);

test('sync uploads and verifies what is finished, names what it skips, and sends nothing twice', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'lecture.mp3'), sound(1));
  await writeFile(join(cli.folder, 'big.mkv'), sound(2, 20_000_000));
  await writeFile(join(cli.folder, 'notes.txt'), 'no recording');
  await writeFile(join(cli.folder, 'empty.mp3'), '');
  await mkdir(join(cli.folder, 'x.mp4'));
  await symlink('/etc/hostname', join(cli.folder, 'link.mp3'));
  execFileSync('mkfifo', [join(cli.folder, 'pipe.mp3')]);

  const added = await cli.run(
    'folders',
    'add',
    '.',
    '--class',
    'bio-101',
    '--user',
    'teacher-7',
    '--json',
  );
  expect(added.json()).toEqual({
    folders: [
      {
        id: 1,
        path: cli.folder,
        kind: 'audio',
        classId: 'bio-101',
        userId: 'teacher-7',
        include: [],
        exclude: [],
        storageClass: 'STANDARD',
        state: 'connected',
      },
    ],
  });
  const first = await cli.run('sync', '--json');
  expect(first.stderr).toBe('');
  expect(first.lines().at(-1)).toEqual({
    at: expect.any(String),
    event: 'summary',
    found: 3,
    uploaded: 2,
    verified: 2,
    held: 1,
    failed: 0,
    skipped: 4,
    unreadable: 0,
    notConnected: 0,
    stillWriting: 0,
  });
  expect(first.code).toBe(1); // Something waits for a person.
  const told = (event: string) =>
    first
      .lines()
      .filter((line) => line.event === event)
      .map((line): string => line.path)
      .toSorted();
  expect(told('verified')).toEqual([join(cli.folder, 'big.mkv'), join(cli.folder, 'lecture.mp3')]);
  expect(told('held')).toEqual([join(cli.folder, 'empty.mp3')]);
  expect(told('skipped')).toEqual(
    ['link.mp3', 'notes.txt', 'pipe.mp3', 'x.mp4'].map((name) => join(cli.folder, name)),
  );

  const codes = first
    .lines()
    .filter((line) => line.event === 'skipped')
    .map((line): string => `${basename(line.path as string)} ${line.code}`);
  expect(codes.toSorted()).toEqual([
    'link.mp3 not-a-file',
    'notes.txt undefined',
    'pipe.mp3 not-a-file',
    'x.mp4 not-a-file',
  ]);

  const second = await cli.run('sync', '--json');
  expect(second.lines().at(-1)).toEqual({
    at: expect.any(String),
    event: 'summary',
    found: 3,
    uploaded: 0,
    verified: 0,
    held: 1,
    failed: 0,
    skipped: 4,
    unreadable: 0,
    notConnected: 0,
    stillWriting: 0,
  });
  expect((await cli.run('list', '--json')).json().objects).toHaveLength(2);

  // Moved and renamed: nothing of it is sent, and nobody is told that it was.
  await mkdir(join(cli.folder, 'week 1'));
  await rename(join(cli.folder, 'lecture.mp3'), join(cli.folder, 'week 1', 'Cells.mp3'));
  const third = await cli.run('sync', '--json');
  expect(third.lines().at(-1)).toMatchObject({ uploaded: 0, verified: 1 });
  expect(third.lines().map(({ event }) => event)).not.toContain('uploaded');
  await rename(join(cli.folder, 'week 1'), join(cli.folder, 'week 2'));
  const fourth = await cli.run('sync', '--json');
  expect(fourth.lines().at(-1)).toMatchObject({ uploaded: 0, verified: 0 });
  expect((await cli.run('list', '--json')).json().objects).toHaveLength(2);
});

test('a folder that is given another class says what stays in the former one', async () => {
  await using cli = await openCliWithStorage();
  const give = (classId: string) => cli.run('folders', 'add', '.', '--class', classId);
  await give('bio-101');
  await writeFile(join(cli.folder, 'a.mp3'), sound(1));
  await cli.run('sync');
  expect((await give('bio-101')).stderr).toBe('');
  expect((await give('chem-7')).stderr).toBe(
    '1 recording of it stored in bio-101 stays there. If that was a mistake, send it again with: pansea-sync upload\n',
  );
  await cli.run('upload', 'a.mp3', '--class', 'hist-204');
  expect((await give('hist-204')).stderr).toBe('');
});

test('status is safe to leave only when all is verified, nothing is new and every folder is there', async () => {
  await using cli = await openCliWithStorage();
  expect((await cli.run('status')).stdout).toMatch(/^No folder is followed yet\. Add one with: /);
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  const status = async () => (await cli.run('status', '--json')).json();
  expect(await status()).toMatchObject({
    safeToLeave: true,
    reason: 'There is nothing to upload.',
    ifLeft: '',
    bytesLeft: 0,
    counts: {},
  });
  await writeFile(join(cli.folder, 'a.mp3'), sound(1));
  expect(await status()).toMatchObject({
    safeToLeave: false,
    reason: '1 file is new or still being written.',
    ifLeft:
      'If you close this computer now, what is not stored yet waits on it until uploads go on. Let a recording end first.',
    atWork: false,
  });
  const nobody = 'Nothing is at work here now: start sync or watch.\n';
  expect((await cli.run('status')).stdout).toContain(nobody);
  await cli.run('sync');
  expect(await status()).toMatchObject({
    safeToLeave: true,
    reason: '1 file stored and checked, nothing waiting.',
    counts: { verified: 1 },
  });
  await rm(cli.folder, { recursive: true });
  // The working folder of the command is gone as well, so it has to be asked from elsewhere.
  await mkdir(cli.folder);
  await copyFile('/etc/hostname', join(cli.folder, 'b.mp3'));
  // None of its files is in it: that may be another disk, and a person has to say that it is meant.
  expect(await status()).toMatchObject({ safeToLeave: false, notConnected: 1 });
  await cli.run('folders', 'add', cli.folder, '--class', 'bio-101');
  expect(await status()).toMatchObject({ safeToLeave: false, unseen: 1, notConnected: 0 });
});

test('a folder that is not connected is named, loses nothing, and makes sync end with 1', async () => {
  await using cli = await openCliWithStorage();
  const stick = join(cli.folder, 'stick');
  await mkdir(stick);
  await writeFile(join(stick, 'a.mp3'), sound(1));
  await cli.run('folders', 'add', 'stick', '--class', 'bio-101');
  await cli.run('sync');
  await rm(stick, { recursive: true });
  const result = await cli.run('sync', '--json');
  expect(result.code).toBe(1);
  expect(result.lines()).toContainEqual(
    expect.objectContaining({ event: 'folder', path: stick, state: 'not-connected' }),
  );
  expect((await cli.run('jobs', '--json')).json().jobs).toMatchObject([{ state: 'verified' }]);
});

test('watch ends cleanly within five seconds of SIGTERM, and a second engine is told who holds the home', async () => {
  await using cli = await openCliWithStorage();
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  const watch = cli.start('watch', '--json');
  await writeFile(join(cli.folder, 'a.mp3'), sound(1));
  await expect.poll(() => watch.stdout()).toContain('"event":"verified"');

  const second = await cli.run('sync', '--json');
  expect(second.code).toBe(4);
  expect(second.json().error).toMatchObject({
    code: 'home-locked',
    detail: expect.stringContaining(`process ${watch.child.pid}`),
  });
  const beside = await cli.run('jobs', '--json');
  expect(beside.json().jobs).toMatchObject([{ state: 'verified' }]);
  expect((await cli.run('status', '--json')).json()).toMatchObject({ atWork: true });

  const askedMs = performance.now();
  watch.child.kill('SIGTERM');
  const ended = await watch.ended;
  expect(ended.code).toBe(0);
  expect(performance.now() - askedMs).toBeLessThan(STOP_LIMIT_MS);
  expect((await cli.run('sync', '--json')).code).toBe(0);
});

test('an interrupted sync ends with 130, keeps what it sent, and the next one sends only the rest', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'long.mkv'), Buffer.alloc(200_000_000, 'long recording '));
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  const begun = async () => {
    const sync = cli.start('sync', '--json');
    await expect
      .poll(() => sync.stdout(), { timeout: 20_000, interval: 5 })
      .toMatch(/"event":"progress".*"sentBytes":[1-9]/);
    return sync;
  };
  const killed = await begun();
  killed.child.kill('SIGKILL');
  await killed.ended;
  // On its way it is only while something is at work.
  expect((await cli.run('status', '--json')).json()).toMatchObject({
    reason: '1 file is waiting.',
    counts: { uploading: 1 },
    atWork: false,
  });
  const sync = await begun();
  sync.child.kill('SIGINT');
  const first = await sync.ended;
  expect(first.code).toBe(130);
  expect((await cli.run('jobs', '--json')).json().jobs).toMatchObject([
    { state: 'queued', attempts: 0 },
  ]);
  const second = await cli.run('sync', '--json');
  expect(second.lines().at(-1)).toMatchObject({ event: 'summary', verified: 1, failed: 0 });
  const firstProgress = second
    .lines()
    .find((line) => line.event === 'progress' && line.sentBytes > 0);
  expect(firstProgress.sentBytes).toBeGreaterThan(8 * 1024 * 1024);
});

test('the log is written wherever the command is run, readable for its user only', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, { DEBUG: 'true', AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9' });
  await writeFile(join(cli.folder, 'a.mp3'), sound(1));
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  await cli.run('sync');
  const file = join(cli.env['PANSEA_SYNC_HOME']!, 'logs', 'pansea-sync.log');
  const log = await readFile(file, 'utf8');
  expect(
    log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toContainEqual(
    expect.objectContaining({ level: 'warn', message: 'An upload failed', code: 'offline' }),
  );
  expect(log).not.toContain(s3.secretAccessKey);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
