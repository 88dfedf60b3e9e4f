import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCli } from '../support/cli.ts';
import { runHere } from '../support/cli-here.ts';
import { countingServer } from '../support/engine.ts';

test('restore makes an archived recording readable, says what that takes and costs, and its link ends with the copy', async () => {
  await using s3 = await countingServer({ restoreMs: 1e9 });
  await using cli = await openCli(s3);
  await writeFile(join(cli.folder, 'a.mp3'), 'a recording');
  const run = (...words: string[]) => runHere(cli, words);
  const sent = await run('upload', 'a.mp3', '--class', 'bio-101', '--user', 't', '--json');
  const { key } = sent.json().results[0];
  const early = await run('restore', key, '--json');
  expect([early.code, early.json().error.code]).toEqual([1, 'not-archived']);
  await s3.damage.moveTo(key, 'DEEP_ARCHIVE');

  expect((await run('metadata', key)).stdout).toContain('12 to 48 hours');
  const fast = await run('restore', key, '--speed', 'expedited', '--json');
  expect([fast.code, fast.json().error.code]).toEqual([2, 'usage']);
  // What it costs is told before it is asked for.
  s3.switches.denied = ['RestoreObject'];
  const denied = await run('restore', key, '--json');
  expect(denied.json().error.code).toBe('restore-denied');
  expect(denied.stderr).toMatch(/pays[^]*On Amazon S3, usually within 12 hours\./);
  s3.switches.denied = [];
  const begun = await run('restore', key, '--days', '2', '--speed', 'bulk', '--json');
  expect(begun.json()).toEqual({ key, readability: 'restoring', archive: 'DEEP_ARCHIVE' });
  expect(begun.stderr).toContain('within 48 hours');
  expect(begun.stderr).toContain('pays');
  expect((await run('metadata', key)).stdout).toContain('being made readable again');
  const again = await run('restore', key, '--speed', 'bulk', '--json');
  expect([again.code, again.json().error.code]).toEqual([1, 'object-restoring']);
  // A wait that was stopped is taken up again: after the refusal it looks, and goes on.
  s3.requests.length = 0;
  const waiting = cli.start('restore', key, '--speed', 'bulk', '--wait');
  const asked = () => s3.requests.map(({ operation }) => operation);
  await expect
    .poll(() => asked().slice(asked().indexOf('RestoreObject')))
    .toEqual(expect.arrayContaining(['RestoreObject', 'HeadObject']));
  expect(waiting.child.exitCode).toBeNull();
  waiting.child.kill('SIGKILL');
  await waiting.ended;

  s3.switches.restoreMs = 0;
  await s3.damage.moveTo(key, 'GLACIER');
  const done = await run('restore', key, '--days', '3', '--speed', 'expedited', '--wait', '--json');
  expect(done.json()).toMatchObject({ key, readability: 'restored', archive: 'GLACIER' });
  const { readableUntil } = done.json();
  expect((await run('metadata', key, '--json')).json()).toMatchObject({ readableUntil });
  const link = await run('url', key, '--expires-in', '604800', '--json');
  expect(link.json()).toMatchObject({ expiresAt: readableUntil, expiresBecause: 'copy' });
});

test('several are restored when their number was confirmed; a mistyped key asks for none, and each failure is told', async () => {
  await using s3 = await countingServer({ restoreMs: 1e9 });
  await using cli = await openCli(s3);
  const names = ['a.mp3', 'b.mp3', 'c.mp3', 'd.mp3'];
  for (const name of names) await writeFile(join(cli.folder, name), `recording ${name}`);
  const run = (...words: string[]) => runHere(cli, words);
  const sent = await run('upload', ...names, '--class', 'bio-101', '--user', 't', '--json');
  const keys = sent.json().results.map(({ key }: { key: string }) => key) as string[];
  const [first, second, third, open] = keys as [string, string, string, string];
  for (const key of [first, second, third]) await s3.damage.moveTo(key, 'GLACIER');
  const asked = () => s3.count('RestoreObject');

  const unasked = await run('restore', ...keys);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toMatch(/pays[^]*asks for 3 recordings out of the archive, .*Add --yes/);
  const mistyped = await run('restore', ...keys, `${first}x`, '--yes', '--json');
  expect([mistyped.code, mistyped.json().error.code, asked()]).toEqual([1, 'no-object', 0]);

  s3.switches.denied = ['RestoreObject'];
  expect((await run('restore', ...keys, '--yes', '--json')).json().error.code).toBe(
    'restore-denied',
  );
  s3.switches.denied = [];
  expect((await run('restore', third)).code).toBe(0);
  const begun = await run('restore', ...keys, first, '--yes', '--json');
  expect([begun.code, begun.json()]).toEqual([
    0,
    { restoring: expect.any(Array), readable: 1, failed: [] },
  ]);
  expect(begun.json().restoring.toSorted()).toEqual([first, second, third].toSorted());
  expect(asked()).toBe(3);

  s3.switches.restoreMs = 0;
  await s3.damage.moveTo(second, 'DEEP_ARCHIVE');
  const fast = await run('restore', first, second, open, '--speed', 'expedited', '--yes', '--json');
  expect([fast.code, fast.json()]).toMatchObject([
    1,
    { restoring: [first], readable: 1, failed: [{ key: second, code: 'usage' }] },
  ]);
  const why = 'From this archive (DEEP_ARCHIVE) nothing comes back within minutes';
  expect(fast.json().failed).toMatchObject([{ detail: why }]);
  const told = await run('restore', second, open, '--speed', 'expedited', '--yes');
  expect(told.stdout).toContain(`${second}: ${why}.\n`);
});
