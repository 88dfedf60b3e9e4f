/** @file Promise: whoever has a file in hand learns whether it is stored, and whoever has a key where its file is. */
import { appendFile, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { auditStore } from '../../electron/engine/store/audits.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { runHere } from '../support/cli-here.ts';
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
      storage: expect.stringContaining(' at '),
      comparedWith: expect.stringContaining(' at '),
    },
  ]);
  const people = await cli.run('where', 'cells.mp3');
  expect(people.stdout).toBe(
    `${at('cells.mp3')}\n  verified  ${key}\n            from ${at('cells.mp3')}, which is there\n  1 link to it works now: “for Ms Kim”.\nSo says the list of this computer; the storage was not asked. To compare them: pansea-sync audit\n`,
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

test('what the last audit did not find as it was sent is not told as stored, nor its links as working', async () => {
  await using cli = await openCliWithStorage();
  const path = join(cli.folder, 'cells.mp3');
  await writeFile(path, 'the sound of cells');
  const sent = await cli.run('upload', path, '--class', 'bio-101', '--json');
  const [{ key }] = sent.json().results;
  await cli.run('url', key, '--note', 'for Ms Kim');
  // Somebody else removes it: this computer's list does not hear of it.
  await cli.run('delete', key, '--yes', '--home', join(cli.folder, 'else'));
  expect((await cli.run('where', path)).code).toBe(0);
  await cli.run('audit');

  for (const what of [path, key]) {
    const people = await cli.run('where', what);
    expect([people.code, people.stdout]).toEqual([
      1,
      expect.stringMatching(
        /\n {2}missing {3}audio[^\n]*\n[^\n]*which is there\n {12}The last audit or verification did not find it in the storage\. Keep every/,
      ),
    ]);
    expect(people.stdout).not.toMatch(/verified|link/);
    const [found] = (await cli.run('where', what, '--json')).json().found;
    expect(found.uploads).toMatchObject([{ state: 'verified', refuted: 'missing-in-bucket' }]);
    expect(found.links).toEqual([]);
  }
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  const audits = auditStore(home.database);
  audits.add(99, [{ reason: 'differs-in-bucket', key }]);
  audits.finish({ ...audits.last()!, run: 99 }, audits.clock()!.place);
  home.close();
  const other = await cli.run('where', path);
  expect([other.code, other.stdout]).toEqual([1, expect.stringContaining('\n  differs   audio')]);
  expect(other.stdout).toContain('is not what was sent');
});

test('where says that the settings name another storage than the list was compared with, or none', async () => {
  await using cli = await openCliWithStorage();
  const path = join(cli.folder, 'cells.mp3');
  await writeFile(path, 'the sound of cells');
  await cli.run('upload', path, '--class', 'bio-101');
  await cli.run('audit');
  const same = (await cli.run('where', path, '--json')).json();
  expect(same.comparedWith).toBe(same.storage);
  const { AWS_S3_BUCKET: bucket = '', ...none } = cli.env;

  const other = await runHere(cli, ['where', path], { env: { AWS_S3_BUCKET: 'another' } });
  expect([other.code, other.stdout]).toEqual([
    1,
    expect.stringMatching(/The settings name another at .* another storage, .* may be there\.\n/),
  ]);
  expect(other.stdout).toContain(`storage, ${bucket} at `);
  const unset = await runHere({ ...cli, env: none }, ['where', path, '--json']);
  expect([unset.code, unset.json().storage]).toEqual([1, null]);
  const people = await runHere({ ...cli, env: none }, ['where', path]);
  expect(people.stdout).toContain('No storage is set up here');
});

test('what is no file, cannot be read or is empty is told for itself, and the others are answered', async () => {
  await using cli = await openCliWithStorage();
  const at = (name: string) => join(cli.folder, name);
  await writeFile(at('cells.mp3'), 'the sound of cells');
  await writeFile(at('empty.mp3'), '');
  await writeFile(at('another empty.mp3'), '');
  await symlink(at('cells.mp3'), at('link.mp3'));
  await cli.run('upload', 'cells.mp3', '--class', 'bio-101');
  const asked = ['.', '', 'link.mp3', 'cells.mp3/under.mp3', 'empty.mp3', 'cells.mp3'];
  const { code, ...answer } = await cli.run('where', ...asked, '--json');
  const { found } = answer.json();
  expect(code).toBe(1);
  expect(
    found.map(({ trouble, uploads }: { trouble?: { code: string }; uploads: object[] }) => [
      trouble?.code,
      uploads.length,
    ]),
  ).toEqual([
    ['not-a-file', 0],
    ['not-a-file', 0],
    ['not-a-file', 0],
    ['file-unreadable', 0],
    [undefined, 0],
    [undefined, 1],
  ]);
  const people = await cli.run('where', '.', 'cells.mp3');
  expect(people.stdout).toContain(
    `${cli.folder}\n  This is not a regular file: a folder, not a file. Name a file, not a folder or a link.\n${at('cells.mp3')}\n  verified  audio`,
  );

  // An empty file that waits is found by its place, and no other one by it.
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  await cli.run('sync');
  const [empty] = (await cli.run('where', 'empty.mp3', '--json')).json().found;
  expect(empty.uploads).toMatchObject([{ path: at('empty.mp3'), state: 'held', reason: 'empty' }]);
});

test('of what a kill has left begun where says that it waits', async () => {
  await using cli = await openCliWithStorage();
  const path = join(cli.folder, 'empty.mp3');
  await writeFile(path, '');
  await cli.run('folders', 'add', '.', '--class', 'bio-101');
  await cli.run('sync');
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  const jobs = jobStore(home.database, Date.now);
  const [{ id } = { id: 0 }] = jobs.ofPath(path);
  jobs.apply(id, [{ type: 'released', atMs: 0 }]);
  jobs.apply(id, [{ type: 'claimed' }]);
  home.close();
  const [found] = (await cli.run('where', path, '--json')).json().found;
  expect(found.uploads).toMatchObject([{ state: 'queued' }]);
});

test('where needs no storage, and says of what was never sent that it was not', async () => {
  await using cli = await openCli();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  const never = await cli.run('where', 'a.mp3');
  expect([never.code, never.stdout]).toEqual([1, expect.stringContaining('not sent from this')]);
});
