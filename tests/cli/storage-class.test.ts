import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCliWithStorage } from '../support/cli.ts';

test('folders add takes a storage class, says what it costs later, and its recordings go there', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'a recording');
  const place = ['.', '--class', 'bio-101', '--user', 't'] as const;
  const added = await cli.run('folders', 'add', ...place, '--storage-class', 'DEEP_ARCHIVE');
  expect(added.code).toBe(0);
  expect(added.stderr).toContain('DEEP_ARCHIVE: Paid for at least 180 days');
  expect(added.stderr).toContain('Links and downloads do not work until');
  expect((await cli.run('folders', 'list')).stdout).toContain('bio-101  DEEP_ARCHIVE');
  const listed = await cli.run('folders', 'list', '--json');
  expect(listed.json().folders).toMatchObject([{ storageClass: 'DEEP_ARCHIVE' }]);
  expect((await cli.run('sync', '--json')).lines().at(-1)).toMatchObject({ verified: 1 });
  const [{ key }] = (await cli.run('list', '--json')).json().objects;
  const metadata = await cli.run('metadata', key, '--json');
  expect(metadata.json()).toMatchObject({ storageClass: 'DEEP_ARCHIVE' });
  const archived = { readability: 'archived', archive: 'DEEP_ARCHIVE' };
  expect(metadata.json()).toMatchObject(archived);
  const url = await cli.run('url', key, '--json');
  expect([url.code, url.json().error.code]).toEqual([1, 'object-archived']);

  expect((await cli.run('folders', 'add', ...place)).stderr).toBe('');
  const wrong = await cli.run('folders', 'add', ...place, '--storage-class', 'CHEAP', '--json');
  expect([wrong.code, wrong.json().error.code]).toEqual([2, 'usage']);
});
