import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { runHere } from '../support/cli-here.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';
import { queuedJob } from '../support/jobs.ts';
import { openServer } from '../support/s3-servers.ts';

const rule = ['--class', 'bio-101', '--user', 'teacher-7'];

test('a sync that leaves an unfinished recording for the next time names it and does not end as done', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, { PANSEA_GRACE_SECONDS: '600' });
  await writeFile(join(cli.folder, 'whole.mp3'), Buffer.alloc(50_000, 'sound '));
  // Its index is written last: a recorder at work, or one that was switched off.
  const size = Buffer.alloc(8);
  size.writeUInt32BE(50_008);
  size.write('mdat', 4, 'latin1');
  await writeFile(join(cli.folder, 'lecture.mp4'), Buffer.concat([size, Buffer.alloc(20_000)]));
  await cli.run('folders', 'add', '.', ...rule);
  const { code, lines } = await cli.run('sync', '--json');
  expect(lines().at(-1)).toMatchObject({ verified: 1, failed: 0, stillWriting: 1 });
  expect(lines().at(-2)).toMatchObject({
    event: 'waiting',
    path: join(cli.folder, 'lecture.mp4'),
    why: 'unfinished',
  });
  expect(code).toBe(1);
});

test('a sync that holds recordings back for disk space says so and does not end as done', async (context) => {
  await using cli = await openCliWithStorage();
  const home = cli.env['PANSEA_SYNC_HOME']!;
  mkdirSync(home);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32M', 'tmpfs', home], { stdio: 'ignore' });
  } catch {
    context.skip('no tmpfs can be mounted here: it takes root on Linux');
  }
  try {
    await writeFile(join(cli.folder, 'lecture.mp3'), Buffer.alloc(50_000, 'sound '));
    await cli.run('folders', 'add', '.', ...rule);
    const { code, stdout, stderr } = await cli.run('sync');
    expect(`${stdout}${stderr}`).toContain('1 waiting for disk space');
    expect(`${stdout}${stderr}`).toMatch(/waiting +\S+lecture\.mp3: Almost no disk space left/);
    expect(code).toBe(1);
  } finally {
    execFileSync('umount', ['-l', home]);
  }
});

test('of what was stored when the program was killed only the check is still to come', async () => {
  await using cli = await openCli();
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  const jobs = jobStore(home.database, Date.now);
  jobs.apply(jobs.enqueue(queuedJob(1)).job.id, [{ type: 'claimed' }, { type: 'stored' }]);
  home.close();
  const { stdout } = await runHere(cli, ['status']);
  expect(stdout).toContain('1 file is waiting.\n');
  expect(stdout).toContain('the check of what is stored waits until uploads go on.\n');
});
