import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { ledgerPath } from '../../electron/engine/home/ledger-file.ts';
import { auditStore } from '../../electron/engine/store/audits.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { NOT_COMPARED_HERE } from '../../shared/audit.ts';
import { openCli } from '../support/cli.ts';
import { countingServer, openRemote, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';

test('audit answers in one document for machines, in lines for people, and its exit code says whether all is well', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const folder = join(cli.folder, 'rec');
  for (const name of ['a', 'b']) await randomFile(join(folder, `${name}.mp4`), 10_000);
  await cli.run('folders', 'add', folder, '--class', 'bio-101');
  await cli.run('sync');
  const clean = await cli.run('audit', '--json');
  expect(clean.code).toBe(0);
  expect(clean.json()).toMatchObject({
    level: 'head',
    totals: { equal: 2 },
    rows: [{ verdict: '=' }, { verdict: '=', path: expect.stringMatching(/[ab]\.mp4$/) }],
  });
  await rm(join(folder, 'b.mp4'));
  expect((await cli.run('audit')).code).toBe(0); // Freed here, safe there: nothing to act upon.
  const { key } = clean.json().rows.find(({ path }: { path: string }) => path.endsWith('a.mp4'));
  await cli.run('delete', key, '--yes');
  const missing = await cli.run('audit');
  expect(missing.stdout).toMatch(/1 only in the storage, no longer here/);
  await randomFile(join(folder, 'c.mp4'), 10_000);
  const found = await cli.run('audit', '--level', 'list');
  expect({ code: found.code, out: found.stdout }).toEqual({
    code: 1,
    out: expect.stringMatching(
      /^\+ .*b\.mp4: In the storage, no longer on this computer\n- .*c\.mp4: Not taken in yet\n/,
    ),
  });
}, 120_000);

test('what is gone is sent again under a new key, or said to be removed on purpose', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3);
  const folder = join(cli.folder, 'rec');
  for (const name of ['a', 'b', 'c']) await randomFile(join(folder, `${name}.mp4`), 10_000);
  await cli.run('folders', 'add', folder, '--class', 'bio-101');
  await cli.run('sync');
  const keys = new Map<string, string>();
  for (const { path, key } of (await cli.run('jobs', '--json')).json().jobs)
    keys.set(basename(path), key);
  // By another client: what is removed from here is not missed.
  using remote = openRemote(s3);
  const remove = (name: string) =>
    remote.deleteObject(keys.get(name)!, AbortSignal.timeout(50_000));
  await remove('a.mp4');
  expect((await cli.run('audit', 'upload-again', 'missing-in-bucket')).stdout).toBe(
    'The last audit found none of these.\n',
  );
  expect((await cli.run('audit')).code).toBe(1);
  expect((await cli.run('status', '--json')).json()).toMatchObject({ refuted: 1 });
  const again = await cli.run('audit', 'upload-again', 'missing-in-bucket', '--json');
  expect(again.json()).toEqual({ settled: 1, there: 0 });
  expect((await cli.run('sync', '--json')).lines().at(-1)).toMatchObject({ verified: 1 });
  const clean = await cli.run('audit', '--json');
  expect(clean).toMatchObject({ code: 0 });
  expect(clean.json()).toMatchObject({ totals: { equal: 3 } });

  await remove('b.mp4');
  await cli.run('audit');
  const onPurpose = ['audit', 'on-purpose', 'missing-in-bucket'];
  expect(await cli.run(...onPurpose)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Add --confirm 1 if that is meant'),
  });
  // As where an audit by itself has found others since: they are not taken for what was seen.
  expect(await cli.run(...onPurpose, '--confirm', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('It is 1 now, not 2: look again'),
  });
  expect((await cli.run('status', '--json')).json()).toMatchObject({ refuted: 1 });
  expect((await cli.run(...onPurpose, '--confirm', '1')).stdout).toBe(
    '1 no longer counts as stored.\n',
  );
  expect((await cli.run('status', '--json')).json()).toMatchObject({ refuted: 0 });
  expect((await cli.run('sync', '--json')).lines().at(-1)).toMatchObject({ uploaded: 0 });
  for (const wrong of [
    ['upload-again', 'missing-everywhere'],
    ['on-purpose', 'differs-in-bucket', '--confirm', '1'],
  ])
    expect(await cli.run('audit', ...wrong)).toMatchObject({ code: 2 });
}, 120_000);

test('a storage that does not let itself be listed is an error with its exit code, not a row of missing files', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli({ ...s3, bucket: 'another-bucket' });
  const answer = await cli.run('audit', '--json');
  expect({ code: answer.code, error: answer.json().error.code }).toEqual({
    code: 3,
    error: 'no-bucket',
  });
});

test('how often the storage is compared by itself is told with what it asks for, and kept', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const told = await cli.run('audit', 'by-itself');
  expect(told.stdout).toBe('The storage is compared each week.\n');
  const folder = join(cli.folder, 'rec');
  await randomFile(join(folder, 'a.mp4'), 10_000);
  await cli.run('folders', 'add', folder, '--class', 'bio-101');
  await cli.run('sync');
  expect((await cli.run('audit', 'by-itself', 'month')).stdout).toBe(
    'The storage is compared each month: at least 1 request for 1 recording from here.\n',
  );
  await cli.run('audit', 'by-itself', 'off');
  expect((await cli.run('audit', 'by-itself', '--json')).json()).toEqual({
    every: 'off',
    objects: 1,
    isListed: false,
    isElsewhere: false,
    isRefused: false,
  });
  const database = openDatabase(ledgerPath(cli.env['PANSEA_SYNC_HOME']!));
  auditStore(database).setClock({
    place: 'another',
    fromMs: Date.now(),
    isRefused: false,
    isMixed: false,
  });
  database.close();
  expect((await cli.run('audit', 'by-itself')).stdout).not.toContain(NOT_COMPARED_HERE);
  expect((await cli.run('audit', 'by-itself', 'week')).stdout).toContain(NOT_COMPARED_HERE);
  expect(await cli.run('audit', 'by-itself', 'daily')).toMatchObject({ code: 2 });
});
