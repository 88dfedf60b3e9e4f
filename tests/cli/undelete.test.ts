/** @file `undelete`: what was deleted is listed, and comes back by key, by name, or a class at a time. */
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { openSdk } from '../support/sdk-client.ts';

async function openKept() {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const cli = stack.use(await openCli(s3));
  const client = stack.use(openSdk(s3));
  return {
    s3,
    cli,
    keep: () =>
      client.send(
        new PutBucketVersioningCommand({
          Bucket: s3.bucket,
          VersioningConfiguration: { Status: 'Enabled' },
        }),
      ),
    async uploaded(name: string, bytes = name): Promise<string> {
      await writeFile(join(cli.folder, name), bytes);
      const sent = await cli.run('upload', name, '--class', 'bio-101', '--json');
      return sent.json().results[0].key;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('what was deleted is listed by name, and comes back by name or key; nothing of it is sent again', async () => {
  await using kept = await openKept();
  const { cli, s3 } = kept;
  expect((await cli.run('undelete')).stdout).toBe(
    'This bucket keeps no old versions: what is deleted in it is gone.\n',
  );
  await kept.keep();
  const a = await kept.uploaded('a.mp3');
  const b = await kept.uploaded('b.mp3');
  expect((await cli.run('delete', a, b, '--yes')).stdout).toContain('undelete');
  const listed = await cli.run('undelete', '--class', 'bio-101', '--json');
  expect(listed.json()).toMatchObject({
    deleted: [
      { key: a, name: 'a.mp3', sizeBytes: 5, recoverable: true },
      { key: b, name: 'b.mp3' },
    ],
    total: 2,
    versioning: 'on',
  });
  expect((await cli.run('undelete', '--class', 'chem-1', '--json')).json().deleted).toEqual([]);
  expect((await cli.run('undelete', 'a.mp3', '--json')).json()).toEqual({ restored: [a] });
  expect((await cli.run('undelete', b)).stdout).toContain('1 brought back in S3.');
  expect((await cli.run('jobs', '--state', 'verified', '--json')).json().jobs).toHaveLength(2);
  s3.requests.length = 0;
  await cli.run('sync');
  expect(s3.count('PutObject')).toBe(0);
  // Once more, as after an answer that was lost.
  expect((await cli.run('undelete', b, '--json')).json()).toEqual({ restored: [b] });
  const none = await cli.run('undelete', 'c.mp3', '--json');
  expect([none.code, none.json().error.code]).toEqual([1, 'nothing-kept']);
});

test('a name that several have is asked for by key, and a whole class by its number', async () => {
  await using kept = await openKept();
  const { cli } = kept;
  await kept.keep();
  const keys = [await kept.uploaded('a.mp3', 'one'), await kept.uploaded('a.mp3', 'the other')];
  await cli.run('delete', ...keys, '--yes');
  const several = await cli.run('undelete', 'a.mp3', '--json');
  expect([several.code, several.json().error.code]).toEqual([2, 'usage']);
  for (const key of keys) expect(several.json().error.detail).toContain(key);
  const all = ['undelete', '--class', 'bio-101', '--all', '--json'];
  const asked = await cli.run(...all);
  expect([asked.code, asked.json().error.detail]).toEqual([
    2,
    expect.stringContaining('--confirm 2'),
  ]);
  expect((await cli.run(...all, '--confirm', '1')).code).toBe(2);
  expect((await cli.run('undelete', '--all')).code).toBe(2);
  const back = await cli.run(...all, '--confirm', '2');
  expect([back.code, back.json().restored.toSorted()]).toEqual([0, keys.toSorted()]);
});

test('an account that may not list versions is told what to ask an admin for', async () => {
  await using kept = await openKept();
  await kept.keep();
  kept.s3.switches.denied = ['ListObjectVersions', 'GetBucketVersioning'];
  const refused = await kept.cli.run('undelete', '--json');
  expect([refused.code, refused.json().error]).toMatchObject([
    3,
    { code: 'versions-denied', remedy: expect.stringContaining('pansea-sync bucket') },
  ]);
});
