/** @file Promise: whoever has a file in hand learns whether it is stored, and whoever has a key where its file is. */
import { appendFile, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCli, openCliWithStorage } from '../support/cli.ts';

test('where finds a file by its bytes, under any name and on any disk, and tells it from one that was never sent', async () => {
  await using cli = await openCliWithStorage();
  const at = (name: string) => join(cli.folder, name);
  await writeFile(at('cells.mp3'), 'the sound of cells');
  await writeFile(at('other.mp3'), 'another sound');
  const sent = await cli.run('upload', 'cells.mp3', '--class', 'bio-101', '--json');
  const [{ key }] = sent.json().results;
  await cli.run('url', key, '--note', 'for Ms Kim');
  await mkdir(at('disk'));
  await cp(at('cells.mp3'), at('disk/copy of cells.MP3'));

  const copy = await cli.run('where', 'disk/copy of cells.MP3', '--json');
  expect([copy.code, copy.json()]).toEqual([
    0,
    {
      found: [
        {
          asked: at('disk/copy of cells.MP3'),
          kind: 'file',
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          uploads: [{ id: 1, path: at('cells.mp3'), file: 'here', key, state: 'verified' }],
          links: [{ id: 1, note: 'for Ms Kim', expiresAt: expect.stringMatching(/Z$/) }],
        },
      ],
    },
  ]);
  const people = await cli.run('where', 'cells.mp3');
  expect(people.stdout).toBe(
    `${at('cells.mp3')}\n  verified  ${key}\n            from ${at('cells.mp3')}, which is there\n  1 link to it works now: “for Ms Kim”.\n`,
  );

  // One of them that is not stored is told by the exit code, and so is one whose bytes have changed.
  const both = await cli.run('where', 'cells.mp3', 'other.mp3');
  expect([both.code, both.stdout]).toEqual([
    1,
    expect.stringContaining(`${at('other.mp3')}\n  not sent from this computer`),
  ]);
  await appendFile(at('cells.mp3'), ', cut');
  expect((await cli.run('where', 'cells.mp3', '--json')).json().found).toMatchObject([
    { uploads: [], links: [] },
  ]);
});

test('where says of a key, and of a path with nothing there, which file was sent and whether it is there', async () => {
  await using cli = await openCliWithStorage();
  const path = join(cli.folder, 'cells.mp3');
  await writeFile(path, 'the sound of cells');
  const sent = await cli.run('upload', path, '--class', 'bio-101', '--json');
  const [{ key }] = sent.json().results;
  const filesOf = async (what: string) => {
    const { code, ...answer } = await cli.run('where', what, '--json');
    return [code, ...answer.json().found[0].uploads.map(({ file }: { file: string }) => file)];
  };
  expect(await filesOf(key)).toEqual([0, 'here']);
  await rename(path, `${path}.moved`);
  expect(await filesOf(key)).toEqual([0, 'gone']);
  expect(await filesOf(path)).toEqual([0, 'gone']);
  expect(await filesOf(`${path}.moved`)).toEqual([0, 'gone']);
  await rm(`${path}.moved`);
  await cli.run('delete', key, '--yes');
  const deleted = await cli.run('where', path);
  expect([deleted.code, deleted.stdout]).toEqual([
    1,
    expect.stringContaining('deleted in the storage'),
  ]);
  const unknown = await cli.run('where', 'audio/bio-101/typo.mp3');
  expect([unknown.code, unknown.stdout]).toEqual([1, expect.stringContaining('neither a file')]);
});

test('where needs no storage, and says of what it cannot read that it cannot', async () => {
  await using cli = await openCli();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  expect((await cli.run('where', 'a.mp3')).code).toBe(1);
  const folder = await cli.run('where', '.', '--json');
  expect([folder.code, folder.json().error.code]).not.toEqual([0, undefined]);
});
