import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { openCli, storageEnv, type Cli } from '../support/cli.ts';
import { countingServer, keysOf, objectBytes, openRemote } from '../support/engine.ts';

const files = {
  'a.mp3': 'lecture a',
  'b.mp3': 'lecture b',
  'sub/c.mp3': 'lecture c',
  'sub/d.mp3': 'lecture d',
};

/**
 * As if on another computer: the home in another place, with all that a process that died has left in it; and
 * a copy of the archive, whose files have other numbers and times of their own on their disk.
 */
async function moveOn(cli: Cli, name: string): Promise<void> {
  const home = cli.env['PANSEA_SYNC_HOME']!;
  const root = join(cli.folder, 'archive');
  const next = join(dirname(home), name);
  await cp(home, next, { recursive: true });
  await rm(home, { recursive: true });
  cli.env['PANSEA_SYNC_HOME'] = next;
  await rename(root, `${root}-there`);
  await cp(`${root}-there`, root, { recursive: true, preserveTimestamps: true });
  await rm(`${root}-there`, { recursive: true });
}

test('another computer with the home and the archive goes on in the middle of each step', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  using remote = openRemote(s3);
  const root = join(cli.folder, 'archive');
  await writeArchive(root, files);
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const migrate = (verb: string, ...args: string[]) =>
    cli.run('migrate', verb, ...(verb === 'plan' ? [] : ['plan.jsonl']), ...args, '--json');
  const plan = await migrate('plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl');
  expect(plan.code).toBe(0);

  cli.env['CRASH_AT'] = 'after-put-reply-before-commit:2';
  const first = cli.start('migrate', 'run', 'plan.jsonl', '--json');
  await first.ended;
  expect(first.child.signalCode).toBe('SIGKILL');
  delete cli.env['CRASH_AT'];
  await moveOn(cli, 'second');
  const run = await migrate('run');
  expect(run.lines().at(-1)).toMatchObject({ files: 4, verified: 4 });
  // Each once, though some were sent and not yet written down as sent.
  const bodies = (await keysOf(remote)).map((key) => objectBytes(remote, key));
  const texts = (await Promise.all(bodies)).map(String);
  expect(texts.toSorted()).toEqual(Object.values(files));

  await moveOn(cli, 'third');
  expect((await migrate('verify')).json()).toMatchObject({ verified: 4 });
  const unsaid = await migrate('cleanup', '--confirm', '4');
  expect(unsaid).toMatchObject({ code: 2 });
  expect(unsaid.json().error.detail).toMatch(/^There is no back-up on record/);
  expect((await readdir(root)).toSorted()).toEqual(['a.mp3', 'b.mp3', 'sub']);
  expect((await migrate('backup', '--said-by', ' ')).code).toBe(2); // As of a variable that is not set.
  expect((await migrate('backup', '--said-by', 'the tests')).code).toBe(0);
  expect((await migrate('cleanup', '--confirm', '4')).json()).toMatchObject({ quarantined: 4 });

  await moveOn(cli, 'fourth');
  // The way back needs no storage.
  for (const name of Object.keys(storageEnv(s3))) delete cli.env[name];
  expect((await migrate('cleanup')).json()).toMatchObject({
    quarantined: { files: 4 },
    mayFree: true,
  });
  expect((await migrate('undo')).json()).toMatchObject({ restored: 4, kept: [] });
  for (const [path, text] of Object.entries(files))
    expect(await readFile(join(root, path), 'utf8')).toBe(text);
  expect((await readdir(root)).toSorted()).toEqual(['a.mp3', 'b.mp3', 'sub']);
  expect((await migrate('receipts', '--out', 'receipts.jsonl')).json().receipts).toBe(12);
});
