/** @file One thing that the account may not do: each verb that needs it says so by name, and none shows an empty list. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OperationName } from '../../electron/embedded-s3/operations.ts';
import { openCli } from '../support/cli.ts';
import { countingServer, openRemote, randomFile } from '../support/engine.ts';

const key = 'audio/bio-101/01976bb5-0000-7000-8000-000000000001.mp3';

const rows: readonly (readonly [OperationName, readonly string[], code: string, action: string])[] =
  [
    ['ListObjectsV2', ['list'], 'list-denied', 's3:ListBucket'],
    ['ListObjectsV2', ['search', 'cells'], 'list-denied', 's3:ListBucket'],
    ['ListObjectsV2', ['audit'], 'list-denied', 's3:ListBucket'],
    ['HeadObject', ['metadata', key], 'read-denied', 's3:GetObject'],
    ['HeadObject', ['exists', key], 'read-denied', 's3:GetObject'],
    ['HeadObject', ['url', key], 'read-denied', 's3:GetObject'],
    ['GetObject', ['download', key, 'a.mp3'], 'read-denied', 's3:GetObject'],
    ['DeleteObject', ['delete', key, '--yes'], 'delete-denied', 's3:DeleteObject'],
  ];

test('each verb that is refused names the action that an admin has to allow', async () => {
  await using s3 = await countingServer();
  using remote = openRemote(s3);
  const headers = { contentType: 'audio/mpeg', metadata: {} };
  await remote.putObject(
    key,
    Buffer.from('a'),
    3_904_355_907,
    headers,
    AbortSignal.timeout(50_000),
  );
  await using cli = await openCli(s3);
  for (const [operation, args, code, action] of rows) {
    s3.switches.denied = [operation];
    const [asJson, asText] = await Promise.all([cli.run(...args, '--json'), cli.run(...args)]);
    const where = `${args[0]} without ${operation}`;
    expect([where, asJson.code, asJson.json().error]).toEqual([
      where,
      3,
      expect.objectContaining({ code, remedy: expect.stringContaining(`(${action})`) }),
    ]);
    expect([where, asText.stdout]).toEqual([where, '']);
    expect(asText.stderr).toContain(`(${action})`);
  }
});

test('unfinished uploads that may not be listed are no empty list, and the remembered ones are shown', async () => {
  await using s3 = await countingServer({ denied: ['ListMultipartUploads'] });
  await using cli = await openCli(s3);
  const asJson = await cli.run('unfinished', '--json');
  expect([asJson.code, asJson.json()]).toEqual([
    1,
    {
      uploads: [],
      troubles: [
        expect.objectContaining({
          code: 'unfinished-denied',
          remedy: expect.stringContaining('(s3:ListBucketMultipartUploads)'),
        }),
      ],
    },
  ]);
  expect((await cli.run('unfinished')).stderr).toContain('(s3:ListBucketMultipartUploads)');
});

test('an upload that is refused says what to allow, for each file', async () => {
  await using s3 = await countingServer({ denied: ['PutObject'] });
  await using cli = await openCli(s3);
  const file = join(cli.folder, 'a.mp3');
  await randomFile(file, 1_000);
  const { code, stdout, stderr } = await cli.run('upload', file, '--class', 'bio-101');
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('s3:PutObject');
});
