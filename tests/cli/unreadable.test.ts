import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { runCli } from '../../electron/cli/program.ts';
import { safeToLeave } from '../../shared/leave.ts';
import { openCliWithStorage } from '../support/cli.ts';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

test('what cannot be looked at makes sync end with 1, says what to do, and is never safe to leave', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  await mkdir(join(cli.folder, 'x.mp4'));
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  const well = await cli.run('sync');
  expect([well.code, well.stdout]).toEqual([0, expect.not.stringContaining('cannot be read')]);
  expect(well.stdout).toMatch(/x\.mp4: a folder, not a file\. Choose the recording itself/);
  expect((await cli.run('status', '--json')).json()).toMatchObject({
    safeToLeave: true,
    unreadable: 0,
  });

  // A name in another encoding: nobody can open it, not even root.
  await writeFile(Buffer.from(`${cli.folder}/caf\xe9.mp3`, 'latin1'), 'sound');
  const machine = await cli.run('sync', '--json');
  expect(machine.code).toBe(1);
  expect(machine.lines()).toContainEqual({
    at: expect.any(String),
    event: 'skipped',
    path: join(cli.folder, 'caf\ufffd.mp3'),
    state: 'skipped',
    reason: 'a name that cannot be read on this computer',
    code: 'file-unreadable',
  });
  expect(machine.lines().at(-1)).toMatchObject({ found: 1, failed: 0, skipped: 1, unreadable: 1 });
  const people = await cli.run('sync');
  expect(people.stdout).toMatch(/caf\ufffd\.mp3: a name .* Check its permissions/);
  expect(people.stdout).toMatch(/1 skipped, 1 cannot be read\.\n$/);
  expect((await cli.run('status', '--json')).json()).toMatchObject({
    safeToLeave: false,
    reason: '1 file or folder cannot be read.',
    unreadable: 1,
  });
});

/** The command line in this process, which can be somebody else for a moment: root may look everywhere. */
async function asNobody(place: string, ...argv: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk);
      done();
    },
  });
  const env = { PANSEA_SYNC_HOME: join(place, 'home') };
  const { signal } = new AbortController();
  if (isRoot) process.seteuid!(NOBODY);
  try {
    const code = await runCli(argv, { stdout, stderr: stdout, env, cwd: place, signal });
    return { code, out };
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

test('a watched folder that is shut is told in the status, and the others are still counted', async () => {
  const place = await mkdtemp(join(tmpdir(), 'pansea-shut-'));
  try {
    if (isRoot) await chown(place, NOBODY, NOBODY);
    for (const name of ['a', 'shut', 'z']) {
      await mkdir(join(place, name));
      await asNobody(place, 'folders', 'add', name, '--class', 'bio-101');
      await writeFile(join(place, name, 'lecture.mp3'), 'sound');
    }
    await chmod(join(place, 'shut'), 0);
    const { code, out } = await asNobody(place, 'status', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({
        safeToLeave: false,
        reason: '2 files are new or still being written, 1 file or folder cannot be read.',
        unseen: 2,
        unreadable: 1,
        notConnected: 0,
      }),
    ]);
  } finally {
    await chmod(join(place, 'shut'), 0o700);
    await rm(place, { recursive: true });
  }
});

test('several that cannot be read are counted in words', () => {
  const outside = {
    unseen: 0,
    notLooked: 0,
    unreadable: 3,
    notConnected: 0,
    refuted: 0,
    followed: 1,
  };
  expect(safeToLeave({ counts: { verified: 1 }, ...outside })).toEqual({
    safeToLeave: false,
    isUnused: false,
    reason: '3 files or folders cannot be read.',
    ifLeft:
      'What cannot be read is not copied: check its permissions, or whether another program holds it.',
  });
});
