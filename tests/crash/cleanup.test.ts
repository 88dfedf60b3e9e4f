/** @file Clean-up, killed at each of its moments: every byte is in the archive, in quarantine, or proven in the bucket. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { openCli } from '../support/cli.ts';
import { countingServer, keysOf, objectBytes, openRemote } from '../support/engine.ts';

const files = { 'a.mp3': 'lecture a', 'sub/b.mp3': 'lecture b' };

async function openCleanup() {
  const s3 = await countingServer();
  const cli = await openCli(s3);
  const root = join(cli.folder, 'archive');
  await writeArchive(root, files);
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const migrate = (verb: string, ...args: string[]) =>
    cli.run('migrate', verb, ...(verb === 'plan' ? [] : ['plan.jsonl']), ...args, '--json');
  const plan = ['archive', '--map', 'map.csv', '--out', 'plan.jsonl'];
  expect((await migrate('plan', ...plan)).code).toBe(0);
  expect((await migrate('backup', '--said-by', 'the tests')).code).toBe(0);
  for (const verb of ['run', 'verify']) expect((await migrate(verb)).code).toBe(0);

  return {
    cli,
    migrate,
    /** Dies at a point, the nth time that it comes by. */
    async dieAt(point: string, verb: string, ...args: string[]): Promise<void> {
      cli.env['CRASH_AT'] = point;
      const running = cli.start('migrate', verb, 'plan.jsonl', ...args, '--json');
      await running.ended;
      expect(running.child.signalCode).toBe('SIGKILL');
      delete cli.env['CRASH_AT'];
    },
    /** As if what is in quarantine had been there for so long. */
    age(days: number): void {
      const { database, close } = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
      database.exec(`UPDATE planned_files SET placed_at_ms = placed_at_ms - ${days * DAY_MS}`);
      close();
    },
    /** Texts that are on the disk, wherever; each with how often. */
    async onDisk(): Promise<string[]> {
      const all = await readdir(root, { recursive: true, withFileTypes: true });
      const found = all.filter((entry) => entry.isFile());
      const texts = found.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'));
      return (await Promise.all(texts)).toSorted();
    },
    async inBucket(): Promise<string[]> {
      using remote = openRemote(s3);
      const bodies = (await keysOf(remote)).map((key) => objectBytes(remote, key));
      return (await Promise.all(bodies)).map(String).toSorted();
    },
    [Symbol.asyncDispose]: async () => {
      await cli[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

const all = ['lecture a', 'lecture b'];

/** Files are moved side by side: where the other one is when the process dies, perhaps under two names, is not said. */
const isAll = async (stage: Awaited<ReturnType<typeof openCleanup>>) =>
  expect(await stage.onDisk()).toEqual(expect.arrayContaining(all));

test.each([
  ['cleanup-after-intent:2', 'undo-after-rename:1'],
  ['move-after-placeholder:1', 'move-after-link:1'],
  ['cleanup-after-rename:1', 'move-after-link:2'],
])(
  'a clean-up that dies at %s goes on, and all comes back after an undo that dies at %s',
  async (point, back) => {
    await using stage = await openCleanup();
    await stage.dieAt(point, 'cleanup', '--confirm', '2');
    await isAll(stage);
    const { here, quarantined } = (await stage.migrate('cleanup')).json();
    expect(here.files + quarantined.files).toBe(2);
    expect(await stage.onDisk()).toEqual(all);
    if (here.files > 0) await stage.migrate('cleanup', '--confirm', String(here.files));
    expect((await stage.migrate('cleanup')).json()).toMatchObject({ quarantined: { files: 2 } });
    expect(await stage.onDisk()).toEqual(all);
    await stage.dieAt(back, 'undo');
    await isAll(stage);
    expect((await stage.migrate('undo')).json()).toMatchObject({ kept: [] });
    expect((await stage.migrate('cleanup')).json()).toMatchObject({ here: { files: 2 } });
    expect(await stage.onDisk()).toEqual(all);
  },
  120_000,
);

test('an export that dies in the middle leaves nothing under its name', async () => {
  await using cli = await openCli();
  // Long paths, so that the plan is not written at once.
  const deep = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200)).join('/');
  const names = Array.from({ length: 200 }, (_, i) => [`${deep}/${i}.mp3`, 'x'] as const);
  await writeArchive(join(cli.folder, 'archive'), Object.fromEntries(names));
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const plan = ['migrate', 'plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl', '--json'];
  cli.env['CRASH_AT'] = 'report-export-mid:1';
  const running = cli.start(...plan);
  await running.ended;
  expect(running.child.signalCode).toBe('SIGKILL');
  expect(await readdir(cli.folder)).not.toContain('plan.jsonl');
  delete cli.env['CRASH_AT'];
  expect((await cli.run(...plan)).code).toBe(0);
});

test.each(['cleanup-after-commit-before-unlink:2', 'cleanup-after-unlink:1'])(
  'a purge that dies at %s goes on, and the bucket has all of it',
  async (point) => {
    await using stage = await openCleanup();
    expect((await stage.migrate('cleanup', '--confirm', '2')).json().quarantined).toBe(2);
    stage.age(31);
    await stage.dieAt(point, 'cleanup', '--purge', '--confirm', '2');
    const left = await stage.onDisk(); // A deletion has no moment with two names.
    expect(all).toEqual(expect.arrayContaining(left));
    expect(await stage.inBucket()).toEqual(all);
    stage.age(31);
    if (left.length > 0)
      await stage.migrate('cleanup', '--purge', '--confirm', String(left.length));
    expect((await stage.migrate('cleanup')).json()).toMatchObject({ removed: { files: 2 } });
    expect([await stage.onDisk(), await stage.inBucket()]).toEqual([[], all]);
  },
  120_000,
);
