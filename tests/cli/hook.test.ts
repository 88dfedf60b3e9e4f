import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstLine, openCli } from '../support/cli.ts';
import { makeHook } from '../support/hooks.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test('sync ends when its hook has been told all; what it failed with is said in words, in a line for programs, and in the history', async () => {
  await using s3 = await openServer('embedded');
  await using tools = await tempDir();
  const hook = await makeHook(tools.path, 'well');
  await using cli = await openCli(s3, { PANSEA_HOOK: hook.path });
  await cli.run('folders', 'add', cli.folder, '--class', 'BIO-101');
  const record = (name: string) => writeFile(join(cli.folder, name), `sound of ${name}`);
  await record('one.mp3');
  expect((await cli.run('sync')).code).toBe(0);
  const [job] = (await cli.run('jobs', '--json')).json().jobs;
  expect(await hook.told()).toMatchObject([{ event: 'verified', id: job.id, key: job.key }]);

  await hook.becomes('broken');
  await record('two.mp3');
  const failed = await cli.run('sync');
  // The recording is safe: that is what the exit code is about.
  expect(failed.code).toBe(0);
  expect(failed.stdout).toMatch(
    / {2}hook +hook with a space ended with 3: No such room\. Uploads go on; .*\n.* 1 verified\.$/m,
  );
  await record('three.mp3');
  const lines = (await cli.run('sync', '--json')).lines();
  expect(lines).toContainEqual(
    expect.objectContaining({
      event: 'hook',
      state: 'failed',
      detail: 'hook with a space ended with 3: No such room',
    }),
  );
  expect(lines.at(-1)).toMatchObject({ event: 'summary', verified: 1 });
  const { history } = (await cli.run('history', '--json')).json();
  const kinds = history.map(({ kind }: { kind: string }) => kind);
  expect(kinds.filter((kind: string) => kind.startsWith('hook'))).toEqual(['hook-away']);
});

test('what goes up behind a window is told, too', async () => {
  await using s3 = await openServer('embedded');
  await using tools = await tempDir();
  const hook = await makeHook(tools.path, 'well');
  await using cli = await openCli(s3, { PANSEA_HOOK: hook.path });
  await cli.run('folders', 'add', cli.folder, '--class', 'BIO-101');
  await writeFile(join(cli.folder, 'one.mp3'), 'sound');
  const window = cli.start('serve');
  await firstLine(window);
  await expect.poll(hook.told, { timeout: 30_000 }).toMatchObject([{ event: 'verified' }]);
  window.child.kill('SIGINT');
  await window.ended;
});

test('a hook in a .env file is followed only where the file was named', async () => {
  await using s3 = await openServer('embedded');
  await using tools = await tempDir();
  const hook = await makeHook(tools.path, 'well');
  await using cli = await openCli(s3);
  const file = join(cli.folder, '.env');
  await writeFile(file, `PANSEA_HOOK=${hook.path}\n`);
  await writeFile(join(cli.folder, 'one.mp3'), 'sound');
  const byChance = await cli.run('upload', 'one.mp3', '--class', 'BIO-101');
  expect(byChance.code).toBe(2);
  expect(byChance.stderr).toContain('name the file with --env-file');
  const named = await cli.run('upload', 'one.mp3', '--class', 'BIO-101', '--env-file', file);
  expect(named.code).toBe(0);
  expect(await hook.told()).toHaveLength(1);
});
