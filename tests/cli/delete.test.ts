import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { runCli } from '../../electron/cli/program.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';
import { openImpostor } from '../support/misbehaving.ts';

test('delete asks for --yes, deletes in S3 only, and marks the links of what it deleted', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  const { key } = (await cli.run('upload', 'a.mp3', '--class', 'bio-101', '--json')).json()
    .results[0];
  await cli.run('url', key, '--note', 'for Ms Kim');
  const asked = await cli.run('delete', key, '--json');
  expect([asked.code, asked.stderr]).toEqual([
    2,
    expect.stringContaining(
      '1 link to the recording stops working: “for Ms Kim”. So does any that was made elsewhere.',
    ),
  ]);
  expect(
    (await cli.run('delete', key, 'audio/bio-101/typo.mp3', '--yes', '--json')).json().error.code,
  ).toBe('no-object');
  const mistaken = await cli.run('delete', 'audio/bio-101/typo.mp3');
  expect(mistaken.stderr).not.toContain('only copy');
  expect(mistaken.stderr).toMatch(/no such object/i);
  expect((await cli.run('exists', key, '--json')).json()).toEqual({ exists: true });
  expect((await cli.run('delete', key, '--yes', '--json')).json()).toEqual({
    deleted: [key],
    recoverable: false,
    files: { [key]: 'here' },
  });
  expect((await cli.run('links', '--json')).json().links).toMatchObject([
    { key, name: 'a.mp3', note: 'for Ms Kim', state: 'dead' },
  ]);
  expect(await readFile(join(cli.folder, 'a.mp3'), 'utf8')).toBe('sound');
});

test('who is about to delete reads which of them are nowhere else, and then that the file here stays', async () => {
  await using cli = await openCliWithStorage();
  for (const name of ['a.mp3', 'b.mp3'])
    await writeFile(join(cli.folder, name), `sound of ${name}`);
  const sent = await cli.run('upload', 'a.mp3', 'b.mp3', '--class', 'bio-101', '--json');
  const [here, freed] = sent.json().results.map(({ key }: { key: string }) => key);
  for (const key of [here, here, freed]) await cli.run('url', key);
  expect((await cli.run('delete', here, freed)).stderr).toContain(
    '3 links that were made here stop working. So does any that was made elsewhere.',
  );
  await rm(join(cli.folder, 'b.mp3'));
  const several = await cli.run('delete', here, freed);
  expect([several.code, several.stderr]).toEqual([
    2,
    expect.stringMatching(
      new RegExp(
        `^${freed}: Its file is not any more where it was sent from: .*only copy\\.\nOf 1 the file`,
      ),
    ),
  ]);
  expect((await cli.run('delete', here)).stderr).toMatch(/^The file on this computer stays/);
  expect((await cli.run('delete', freed)).stderr).toContain('this may be the only copy');
  expect((await cli.run('delete', here, '--yes')).stdout).toContain(
    'The file on this computer stays where it is.',
  );
});

/** A storage that has everything, and answers a DELETE as it is told to for its key. */
const storageThat = (deletes: (key: string) => readonly [number, string]) =>
  openImpostor(({ method, url = '' }, response) => {
    if (method === 'HEAD')
      return response.writeHead(200, { etag: '"e"', 'content-length': '5' }).end();
    const [status, code] = deletes(url.replace(/^\/bucket\/|\?.*$/g, ''));
    const headers = { 'content-type': 'application/xml', 'x-amz-request-id': 'R1' };
    response.writeHead(status, headers);
    return response.end(code && `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
  });

test('a delete that fails in the middle says what is gone and what is not, and does the rest', async () => {
  await using s3 = await storageThat((key) => (key === 'b' ? [403, 'AccessDenied'] : [204, '']));
  await using cli = await openCli(s3);
  const result = await cli.run('delete', 'a', 'b', 'c', 'a', '--yes', '--json');
  expect([result.code, result.json()]).toEqual([
    1,
    {
      deleted: ['a', 'c'],
      failed: [
        { key: 'b', code: 'delete-denied', title: 'This account may not delete in the storage' },
      ],
      recoverable: false,
      files: { a: 'elsewhere', b: 'elsewhere', c: 'elsewhere' },
    },
  ]);
  const people = await cli.run('delete', 'a', 'b', '--yes');
  expect([people.code, people.stdout]).toEqual([
    1,
    'b: This account may not delete in the storage.\n1 deleted in S3. This cannot be undone.\n',
  ]);
  const only = await cli.run('delete', 'b', '--yes', '--json');
  expect([only.code, only.json().error.code]).toEqual([3, 'delete-denied']);
});

test('a delete that a person stops hears the one on its way to its end, and names what is gone and what is left', async () => {
  const stop = new AbortController();
  await using s3 = await storageThat((key) => {
    if (key === 'b') stop.abort(new Error('SIGINT'));
    return [204, ''];
  });
  await using cli = await openCli(s3);
  let said = '';
  const stdout = new Writable({
    write(piece, _encoding, done) {
      said += String(piece);
      done();
    },
  });
  const { env, folder: cwd } = cli;
  const host = { stdout, stderr: new PassThrough(), env, cwd, signal: stop.signal };
  const code = await runCli(['delete', 'a', 'b', 'c', 'd', '--yes', '--json'], host);
  expect([code, JSON.parse(said)]).toEqual([
    130,
    { deleted: ['a', 'b'], left: ['c', 'd'], recoverable: false, files: expect.anything() },
  ]);
});

test('a delete stops trying when the storage itself is in trouble, and names all that is left', async () => {
  await using s3 = await storageThat((key) =>
    key === 'a' ? [204, ''] : [403, 'InvalidAccessKeyId'],
  );
  await using cli = await openCli(s3);
  const result = await cli.run('delete', 'a', 'b', 'c', '--yes', '--json');
  expect([result.code, result.json()]).toMatchObject([
    1,
    {
      deleted: ['a'],
      failed: [
        { key: 'b', code: 'wrong-access-key' },
        { key: 'c', code: 'wrong-access-key' },
      ],
    },
  ]);
  expect(s3.requests.filter((request) => request.startsWith('DELETE'))).toHaveLength(2);
});
