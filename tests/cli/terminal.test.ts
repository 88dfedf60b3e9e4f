/** @file What only a terminal sees: colour and the progress bar; what `--quiet` leaves; and what nobody hears. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runHere } from '../support/cli-here.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';

const ESCAPE = '\u001b[';

test('a terminal gets colour and a bar; a pipe, NO_COLOR and --json get neither', async () => {
  await using cli = await openCliWithStorage();
  const upload = async (name: string, isTTY: boolean, ...options: string[]) => {
    await writeFile(join(cli.folder, name), Buffer.alloc(20_000_000, name));
    return runHere(cli, ['upload', name, '--class', 'bio-101', ...options], { isTTY });
  };
  const terminal = await upload('a.mp4', true);
  expect(terminal.stdout).toContain(`${ESCAPE}32mverified`);
  expect(terminal.stderr).toMatch(/█+░* 20 MB of 20 MB, 1 at a time/);
  const pipe = await upload('b.mp4', false);
  expect(pipe).toMatchObject({ code: 0, stderr: '' });
  expect(pipe.stdout).toContain('verified');
  expect(pipe.stdout).not.toContain(ESCAPE);
  const json = await upload('c.mp4', true, '--json');
  expect(json.stderr).toBe('');
  expect(JSON.parse(json.stdout)).toMatchObject({ results: [{ state: 'verified' }] });
  const plain = await runHere(cli, ['status'], { isTTY: true, env: { NO_COLOR: '1' } });
  expect(plain.stdout).toMatch(/^Safe to leave\./);
  expect((await runHere(cli, ['status'], { isTTY: true })).stdout).toContain(
    `${ESCAPE}32mSafe to leave.`,
  );
});

test('the bar is never longer than a line of the terminal, which could not be cleared again', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp4'), Buffer.alloc(20_000_000, 'a'));
  const upload = ['upload', 'a.mp4', '--class', 'bio-101'];
  const { stderr } = await runHere(cli, upload, { isTTY: true, columns: 30 });
  const bars = stderr.split('\r').filter((text) => text.includes('░') || text.includes('█'));
  expect(bars.length).toBeGreaterThan(0);
  expect(bars.filter((bar) => bar.length >= 30)).toEqual([]);
});

test('a line that is kept begins with its local time, one that a person sees come does not, and --json has it in UTC', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  await runHere(cli, ['folders', 'add', '.', '--class', 'bio-101']);
  const beganMs = Date.now();
  const kept = (await runHere(cli, ['sync'])).stdout.trim().split('\n');
  expect(kept.length).toBeGreaterThan(2);
  for (const line of kept) {
    const [, time] = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) {2}\w/.exec(line) ?? [];
    // Without a zone it is read as local.
    expect([line, Date.parse(time ?? '') >= beganMs - 1_000]).toEqual([line, true]);
  }
  expect((await runHere(cli, ['sync'], { isTTY: true })).stdout).toMatch(/^1 file found/);
  const line = JSON.parse((await runHere(cli, ['sync', '--json'])).stdout);
  expect(new Date(line.at as string).toISOString()).toBe(line.at);
});

test('large numbers are grouped for people, and plain for programs', async () => {
  await using cli = await openCliWithStorage();
  for (let i = 0; i < 1_001; i += 1) await writeFile(join(cli.folder, `${i}.mp3`), '');
  await runHere(cli, ['folders', 'add', '.', '--class', 'bio-101']);
  expect((await runHere(cli, ['sync'])).stdout).toMatch(
    /  1,001 files found, 0 uploaded, 0 verified, 1,001 held\. Why: pansea-sync jobs --state held\n$/,
  );
  const { stdout } = await runHere(cli, ['jobs', '--limit', '1']);
  expect(stdout).toContain('… and 1,000 more: ');
  expect((await runHere(cli, ['jobs', '--limit', '1', '--json'])).json().total).toBe(1_001);
});

test('--quiet says nothing as long as all is well, and names what is not', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  await writeFile(join(cli.folder, 'notes.txt'), 'no recording');
  expect((await cli.run('sync', '--quiet')).stderr).toMatch(/^No folder is watched yet\./);
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  expect(await cli.run('sync', '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  await writeFile(join(cli.folder, 'empty.mp3'), '');
  await writeFile(join(cli.folder, 'b.mp3'), 'more sound');
  const held = await cli.run('sync', '--quiet');
  // Whoever frees a disk after a sync that did all must not lose it.
  expect(held.code).toBe(1);
  expect(held.stdout).toMatch(
    /^[-\d]+ [:\d]+ {2}held +\S+empty\.mp3: The file is empty[^\n]+\n.*, 1 held, 1 skipped\. Why: .*--state held\n$/,
  );
  const again = await cli.run('sync', '--quiet');
  expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('1 held')]);
});

test('a storage that is away is told once, however often and for how many files it is tried', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, { AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9' });
  for (const name of ['a', 'b', 'c']) await writeFile(join(cli.folder, `${name}.mp3`), name);
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  const { code, stdout } = await cli.run('sync');
  expect(code).toBe(3);
  expect(stdout.match(/ {2}waiting .*$/gm)).toEqual([
    expect.stringMatching(
      /^ +waiting +The storage cannot be reached\. .* a watch goes on by itself\.$/,
    ),
  ]);
  expect((await cli.run('status')).stdout).toMatch(
    /^Waiting longest: .*a\.mp3: The storage cannot be reached\. /m,
  );
});

test('a sync and a watch without a folder say how to add one', async () => {
  await using cli = await openCliWithStorage();
  const { code, stderr } = await cli.run('sync');
  expect([code, stderr]).toEqual([
    0,
    'No folder is watched yet. Add one: pansea-sync folders add PATH --class ID\n',
  ]);
});

test('a watch whose notes nobody reads any more goes on uploading', async () => {
  await using cli = await openCliWithStorage();
  const recordings = join(cli.folder, 'Recordings');
  await mkdir(recordings);
  await cli.run('folders', 'add', recordings, '--class', 'bio-101');
  const watch = cli.start('watch');
  watch.child.stderr?.destroy();
  await writeFile(join(recordings, 'a.mp3'), 'sound');
  await expect.poll(watch.stdout, { timeout: 20_000, interval: 50 }).toContain('verified');
  watch.child.kill('SIGTERM');
  expect((await watch.ended).code).toBe(0);
});

test('a sync whose lines nobody reads any more goes on to its end, and says so once', async () => {
  await using cli = await openCliWithStorage();
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  for (const name of ['a', 'b']) await writeFile(join(cli.folder, `${name}.mp3`), name);
  const sync = cli.start('sync');
  sync.child.stdout?.destroy();
  const { code, stderr } = await sync.ended;
  expect([code, stderr]).toEqual([
    0,
    'Nobody reads what is printed here any more. Uploads go on; Ctrl+C stops them.\n',
  ]);
  expect((await cli.run('status', '--json')).json().counts).toEqual({ verified: 2 });
});

test.skipIf(!existsSync('/dev/full'))(
  'an answer that the disk does not take is no success, and is said in words',
  async () => {
    await using cli = await openCli();
    const command = 'exec "$0" -- "$1" jobs --json >/dev/full';
    const program = join(import.meta.dirname, '../../electron/cli.ts');
    const ran = promisify(execFile)('sh', ['-c', command, process.execPath, program], {
      cwd: cli.folder,
      env: cli.env,
    });
    await expect(ran).rejects.toMatchObject({
      code: 1,
      stderr: 'What was to be said could not be written: ENOSPC: no space left on device, write.\n',
    });
  },
);
