import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { runHere } from '../support/cli-here.ts';
import { openCli, type Cli } from '../support/cli.ts';
import { openImpostor } from '../support/misbehaving.ts';
import { countingServer, keysOf, objectBytes, openRemote } from '../support/engine.ts';

const run = ['migrate', 'run', 'plan.jsonl', '--json'];

/** All but the listing that a plan asks for, to know that it may. */
const sent = ({ requests }: Awaited<ReturnType<typeof countingServer>>) =>
  requests.filter(({ operation }) => operation !== 'ListObjectsV2');

/** Plans an archive of these files, all of one class. */
async function planned(cli: Cli, files: Record<string, string>): Promise<string> {
  const root = join(cli.folder, 'archive');
  await writeArchive(root, files);
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const args = ['--map', 'map.csv', '--out', 'plan.jsonl', '--json'];
  expect(await cli.run('migrate', 'plan', 'archive', ...args)).toMatchObject({ code: 0 });
  return root;
}

test('a run sends exactly what was planned, names what is not as planned, and goes on where it was', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  using remote = openRemote(s3);
  const root = await planned(cli, {
    'a.mp3': 'lecture a',
    'sub/copy.mp3': 'lecture a',
    'sub/b =1.mp3': 'lecture b',
    'changed.mp3': 'as planned',
    'gone.mp3': 'is moved away',
  });
  expect(sent(s3)).toEqual([]);
  await writeFile(join(root, 'changed.mp3'), 'another');
  await rename(join(root, 'gone.mp3'), join(cli.folder, 'gone.mp3'));
  await writeArchive(root, { 'late.mp3': 'not planned' });

  const first = await cli.run(...run);

  expect(first.code).toBe(1);
  const drift = first.lines().filter(({ event }) => event === 'drift');
  expect(drift.map(({ path, why }) => [path, why])).toEqual([
    ['late.mp3', 'new'],
    ['changed.mp3', 'changed'],
    ['gone.mp3', 'gone'],
  ]);
  const none = { refuted: 0, held: 0, failed: 0, waiting: 0, setAside: 0, unreadable: 0 };
  const at = expect.any(String);
  const summary = { at, event: 'summary', files: 5, verified: 3, changed: 1, gone: 1, ...none };
  expect(first.lines().at(-1)).toEqual(summary);
  // The same bytes are in the class once.
  const keys = await keysOf(remote);
  const bodies = await Promise.all(keys.map((key) => objectBytes(remote, key)));
  expect(bodies.map(String).toSorted()).toEqual(['lecture a', 'lecture b']);
  expect(keys.every((key) => key.startsWith('audio/bio-101/'))).toBe(true);

  // What is as planned again is sent; what is there is not sent again, nor said to be new.
  await writeFile(join(root, 'changed.mp3'), 'as planned');
  const { atime, mtime } = { atime: new Date(), mtime: new Date('2024-05-06T07:08:09.500Z') };
  await utimes(join(root, 'changed.mp3'), atime, mtime);
  await rename(join(cli.folder, 'gone.mp3'), join(root, 'gone.mp3'));
  const puts = s3.count('PutObject');
  const second = await cli.run(...run);
  expect([second.code, second.lines().at(-1).verified]).toEqual([0, 5]);
  expect(s3.count('PutObject') - puts).toBe(2);
  expect((await cli.run('migrate', 'run', 'plan.jsonl')).stdout).toContain(
    '5 of 5 files uploaded and verified.',
  );
});

test('a run tells people one line a file: how it ended', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  await planned(cli, { 'a.mp3': 'lecture a', 'b.mp3': 'lecture b' });
  const { stdout } = await cli.run('migrate', 'run', 'plan.jsonl');
  const words = stdout.split('\n').map((line) => line.split(/ +/)[2]);
  expect(words).toEqual(['verified', 'verified', '2', undefined]);
});

test('what is in quarantine and not due says when the first of it will be', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  await planned(cli, { 'a.mp3': 'lecture a', 'b.mp3': 'lecture b' });
  const migrate = (verb: string, ...more: string[]) =>
    runHere(cli, ['migrate', verb, 'plan.jsonl', ...more]);
  await migrate('run');
  await migrate('backup', '--said-by', 'the admin');
  await migrate('verify');
  expect((await migrate('cleanup', '--purge', '--json')).json().nextDueAt).toBeNull();
  await migrate('cleanup', '--confirm', '2');
  await migrate('undo', 'a.mp3');
  const firstMs = Date.now();
  // Moved again, and so later than the other.
  expect((await migrate('cleanup', '--confirm', '1')).code).toBe(0);

  const early = (await migrate('cleanup', '--purge', '--days', '3', '--json')).json();
  expect(early).toMatchObject({ quarantined: { files: 2 }, due: { files: 0 } });
  const dueMs = Date.parse(early.nextDueAt as string) - 3 * DAY_MS;
  expect([dueMs > firstMs - 60_000, dueMs <= firstMs]).toEqual([true, true]);
  expect((await migrate('cleanup', '--purge')).stdout).toMatch(
    /for 30 days\. The next can be deleted from \d+ \w+ \d{4}, \d\d:\d\d on\.$/m,
  );
});

test.each([
  ['a line is missing', (text: string) => text.replace(/^.*"a\.mp3".*\n/m, '')],
  ['its end is missing', (text: string) => text.replace(/[^\n]*\n$/, '')],
  ['another class', (text: string) => text.replace('bio-101', 'bio-102')],
  ['what is no plan', () => 'path,class_id\n'],
])('a plan in which there is %s is refused before anything is sent', async (_what, change) => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  await planned(cli, { 'a.mp3': 'lecture a', 'b.mp3': 'lecture b' });
  const file = join(cli.folder, 'plan.jsonl');
  await writeFile(file, change(await readFile(file, 'utf8')));
  const { code, json } = await cli.run(...run);
  expect([code, json().error.code]).toEqual([2, 'usage']);
  expect(sent(s3)).toEqual([]);
});

test('an archive that is not connected is no archive without files', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const root = await planned(cli, { 'a.mp3': 'lecture a' });
  await rename(root, `${root}-away`);
  for (const leavesMountPoint of [false, true]) {
    if (leavesMountPoint) await mkdir(root);
    const away = await cli.run(...run);
    expect([away.code, away.lines().at(-1).error.code]).toEqual([1, 'folder-away']);
  }
  await rename(`${root}-away`, root);
  expect((await cli.run(...run)).code).toBe(0);
  await rm(root, { recursive: true });
});

test('what verify does not find as it was sent is told with its way on, no run counts it as stored, and the way leads on', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  using remote = openRemote(s3);
  await planned(cli, { 'a.mp3': 'lecture a', 'b.mp3': 'lecture b', 'c.mp3': 'lecture c' });
  expect((await cli.run(...run)).code).toBe(0);
  const [gone, other] = await keysOf(remote);
  await s3.damage.remove(gone!);
  await s3.damage.flipBit(other!);
  const verify = ['migrate', 'verify', 'plan.jsonl', '--level', 'read-back'];
  const found = await cli.run(...verify);
  expect(found).toMatchObject({ code: 1, stderr: '' });
  expect(found.stdout).toMatch(/^[abc]\.mp3 is not in the bucket any more$/m);
  expect(found.stdout).toContain('1 of 3 files verified at the level read-back, 0 pending.');
  expect(found.stdout).toContain(
    'pansea-sync audit upload-again missing-in-bucket, and migrate run.',
  );
  const status = async () => (await cli.run('status', '--json')).json();
  expect(await status()).toMatchObject({ safeToLeave: false, refuted: 2 });
  const again = await cli.run(...run);
  expect([again.code, again.lines().at(-1)]).toEqual([
    1,
    expect.objectContaining({ verified: 1, refuted: 2 }),
  ]);
  expect((await cli.run('migrate', 'cleanup', 'plan.jsonl')).stdout).toContain(
    'Nothing can be cleaned up now: migrate run, then migrate verify, which says what to do.',
  );
  for (const what of ['missing-in-bucket', 'differs-in-bucket']) {
    const settled = await cli.run('audit', 'upload-again', what, '--json');
    expect([what, settled.json()]).toEqual([what, { settled: 1, there: 0 }]);
  }
  expect((await cli.run(...run)).lines().at(-1)).toMatchObject({ verified: 3, refuted: 0 });
  expect(await status()).toMatchObject({ safeToLeave: true, refuted: 0 });
});

test('the summary is the last line, also while another recording is on its way', async () => {
  await using s3 = await countingServer();
  await using silent = await openImpostor(() => {});
  await using cli = await openCli(s3);
  await planned(cli, { 'a.mp3': 'lecture a' });
  await cli.run(...run);
  await writeFile(join(cli.folder, 'b.mp3'), 'lecture b');
  cli.env['AWS_S3_ENDPOINT_URL'] = 'http://127.0.0.1:9';
  await cli.run('upload', 'b.mp3', '--class', 'bio-101');
  cli.env['AWS_S3_ENDPOINT_URL'] = silent.endpoint;
  const again = await cli.run(...run);
  const events = again.lines().map(({ event }) => event);
  expect([again.code, events.includes('progress'), events.at(-1)]).toEqual([0, true, 'summary']);
});
