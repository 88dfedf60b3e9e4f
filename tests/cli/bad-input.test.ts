import { mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from '../support/cli-here.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';

/** Every error says what happened and what to do, in words. */
const error = (code: string) => ({
  error: expect.objectContaining({
    code,
    title: expect.stringMatching(/\w+ \w+/),
    remedy: expect.stringMatching(/\.$/),
  }),
});

test('missing and wrong settings end with 2 and name the setting, never its value', async () => {
  await using none = await openCli();
  const missing = await none.run('list', '--json');
  expect([missing.code, missing.json()]).toEqual([2, error('settings-missing')]);
  expect(missing.json().error.detail).toContain('AWS_S3_BUCKET');
  for (const [name, value] of [
    ['AWS_S3_USE_SSL', 'perhaps'],
    ['AWS_S3_ENDPOINT_URL', 'ftp://example.org'],
    ['AWS_S3_BUCKET', 'no bucket!'],
    ['PANSEA_SETTLE_SECONDS', 'soon'],
    ['PANSEA_SETTLE_SECONDS', '-1'],
    ['PANSEA_SETTLE_SECONDS', '86401'],
  ] as const) {
    await using wrong = await openCli(undefined, { AWS_S3_BUCKET: 'school', [name]: value });
    const result = await runHere(wrong, ['sync', '--json']);
    expect([name, result.code, result.json()]).toEqual([name, 2, error('settings-wrong')]);
    expect(result.json().error.detail).toContain(name);
  }
  await using half = await openCli(undefined, {
    AWS_S3_BUCKET: 'school',
    AWS_SECRET_ACCESS_KEY: 'canary-secret',
  });
  const result = await runHere(half, ['list', '--json']);
  expect([result.code, result.stdout.includes('canary')]).toEqual([2, false]);
  await using noFile = await openCli();
  expect((await runHere(noFile, ['list', '--env-file', 'none.env', '--json'])).code).toBe(2);
});

test('a .env file gives the settings, and the environment wins over it', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli();
  const lines = {
    AWS_S3_ENDPOINT_URL: s3.endpoint,
    AWS_S3_BUCKET: s3.bucket,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  await writeFile(
    join(cli.folder, '.env'),
    Object.entries(lines)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  );
  expect((await cli.run('list', '--json')).json()).toEqual({ objects: [], truncated: false });
  cli.env['AWS_S3_BUCKET'] = 'another-bucket';
  expect((await cli.run('list', '--json')).json()).toEqual(error('no-bucket'));
});

test('storage that is unreachable, refuses the keys or has no such bucket ends with 3, and the files wait', async () => {
  await using s3 = await openServer('embedded');
  const cases = [
    ['offline', { AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9' }],
    ['wrong-secret', { AWS_SECRET_ACCESS_KEY: 'wrong'.repeat(8) }],
    ['wrong-access-key', { AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG0' }],
    ['no-bucket', { AWS_S3_BUCKET: 'no-such-bucket' }],
  ] as const;
  for (const [code, env] of cases) {
    await using cli = await openCli(s3, env);
    await writeFile(join(cli.folder, 'a.mp3'), 'sound');
    const listed = await runHere(cli, ['list', '--json']);
    expect([code, listed.code, listed.json()]).toEqual([code, 3, error(code)]);
    // What cannot be asked is not "no".
    const asked = await runHere(cli, ['exists', 'audio/bio-101/a.mp3', '--json']);
    expect([code, asked.code, asked.json()]).toEqual([code, 3, error(code)]);
    await runHere(cli, ['folders', 'add', '.', '--class', 'bio-101']);
    const synced = await cli.run('sync', '--json');
    expect([code, synced.code, synced.lines().at(-1)]).toEqual([code, 3, error(code)]);
    expect((await runHere(cli, ['jobs', '--json'])).json().jobs).toMatchObject([
      { state: 'queued', attempts: 0, reason: code },
    ]);
  }
});

test('ids that could change a key are refused with 2 before anything is done', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  for (const id of ['../x', 'a/b', '', '.hidden', 'a b', 'é', 'x'.repeat(129)]) {
    const result = await runHere(cli, ['upload', 'a.mp3', `--class=${id}`, '--json']);
    expect([id, result.code, result.json()]).toEqual([id, 2, error('bad-id')]);
    expect((await runHere(cli, ['folders', 'add', '.', `--class=${id}`, '--json'])).code).toBe(2);
  }
  expect((await runHere(cli, ['upload', 'a.mp3', '--json'])).json()).toEqual(error('usage'));
  // What has no class is not sent somewhere else than was said.
  for (const verb of ['upload', 'folders add']) {
    const both = [...verb.split(' '), '.', '--kind', 'documents', '--class', 'bio-101', '--json'];
    const result = await runHere(cli, both);
    expect([verb, result.code, result.json()]).toEqual([verb, 2, error('usage')]);
  }
  expect((await runHere(cli, ['list', '--json'])).json().objects).toEqual([]);
});

test('what is no readable regular file is refused by name, and the good files still go', async () => {
  await using cli = await openCliWithStorage();
  const at = (name: string) => join(cli.folder, name);
  await writeFile(at('good.mp3'), 'sound');
  await writeFile(at('empty.mp3'), '');
  await mkdir(at('x.mp4'));
  execFileSync('mkfifo', [at('pipe.mp3')]);
  await symlink('/etc/hostname', at('link.mp3'));
  const names = ['good.mp3', 'empty.mp3', 'x.mp4', 'pipe.mp3', 'link.mp3', 'gone.mp3'];
  const result = await cli.run('upload', ...names, '--class', 'bio-101', '--json');
  expect(result.code).toBe(1);
  const states = result
    .json()
    .results.map(({ state, code }: { state: string; code?: string }) => code ?? state);
  expect(states).toEqual([
    'verified',
    'empty-file',
    'not-a-file',
    'not-a-file',
    'not-a-file',
    'no-file',
  ]);
});

test('a file that vanishes before it is sent is shown with its path and comes back by itself', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, { AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9' });
  const path = join(cli.folder, 'a.mp3');
  await writeFile(path, 'sound');
  await runHere(cli, ['folders', 'add', '.', '--class', 'bio-101']);
  await cli.run('sync');
  await unlink(path);
  cli.env['AWS_S3_ENDPOINT_URL'] = s3.endpoint;
  const result = await cli.run('sync', '--json');
  expect(result.code).toBe(1);
  expect((await runHere(cli, ['jobs', '--state', 'failed', '--json'])).json().jobs).toMatchObject([
    { path, reason: 'file-gone' },
  ]);
  await writeFile(path, 'sound again');
  expect((await cli.run('sync', '--json')).lines().at(-1)).toMatchObject({
    verified: 1,
    failed: 0,
  });
});

test('folders are refused when they are missing, nested, or hold the app’s own data', async () => {
  await using cli = await openCli();
  await mkdir(join(cli.folder, 'a', 'b'), { recursive: true });
  expect((await runHere(cli, ['folders', 'add', 'a', '--class', 'bio-101'])).code).toBe(0);
  for (const path of ['none', 'a/b', '.', '..']) {
    const result = await runHere(cli, ['folders', 'add', path, '--class', 'bio-101', '--json']);
    expect([path, result.code, result.json()]).toEqual([path, 2, error('bad-folder')]);
  }
  expect((await runHere(cli, ['folders', 'remove', 'none', '--json'])).code).toBe(2);
  expect((await runHere(cli, ['folders', 'remove', 'a'])).code).toBe(0);
});

test('a file of a migration that is not there, or is none, is named as that: nothing is said of recordings', async () => {
  await using cli = await openCliWithStorage();
  const plan = ['migrate', 'plan', '.', '--out', 'plan.jsonl'];
  for (const [code, ...words] of [
    ['no-such-file', 'migrate', 'run', 'none.jsonl'],
    ['no-such-file', ...plan, '--map', 'none.csv'],
    ['no-such-file', ...plan, '--timetable', 'none.csv'],
    ['cannot-open', 'migrate', 'verify', '.'],
  ] as const) {
    const result = await runHere(cli, [...words, '--json']);
    expect([words, result.code, result.json()]).toEqual([words, 2, error(code)]);
    expect(result.json().error.detail).toBe(join(cli.folder, words.at(-1)!, ''));
  }
});

test('a file that cannot be written where it is asked for is told at once, in words, and what is there stays', async () => {
  await using cli = await openCli();
  const at = (name: string) => join(cli.folder, name);
  await mkdir(at('archive'));
  await writeFile(at('there'), 'mine');
  await writeFile(at('map.csv'), 'path,class_id\nnone.mp3,bio-101\n');
  const plan = ['migrate', 'plan', 'archive', '--map', 'map.csv', '--json'];
  const report = ['diagnostics', '--json', '--out'];
  const noFolder = ': there is no such folder';
  for (const [verb, out, code, why] of [
    [report, 'none/x', 'cannot-write', noFolder],
    [report, 'there', 'download-exists', ''],
    [['history', '--json', '--csv'], 'archive', 'download-exists', ''],
    [[...plan, '--out'], 'none/x', 'cannot-write', noFolder],
    [[...plan, '--out'], 'there/x', 'cannot-write', noFolder],
  ] as const) {
    const result = await cli.run(...verb, out);
    expect([verb, out, result.code, result.json()]).toEqual([verb, out, 1, error(code)]);
    expect(result.json().error.detail).toBe(at(out) + why);
    expect(result.json().error.remedy).not.toContain('--overwrite');
  }
  expect((await readdir(cli.folder)).toSorted()).toEqual(['archive', 'map.csv', 'there']);
  expect(await readFile(at('there'), 'utf8')).toBe('mine');
});

test('patterns of a folder may be given one by one, and the folder takes what they say', async () => {
  await using cli = await openCli();
  const add = ['folders', 'add', '.', '--class', 'bio-101'];
  const listed = async () => (await runHere(cli, ['folders', 'list', '--json'])).json().folders[0];
  expect((await runHere(cli, [...add, '--include', '*.mp3'])).code).toBe(0);
  expect(await listed()).toMatchObject({ include: ['*.mp3'], exclude: [] });
  const more = ['--include', '*.mp3', '--include', '*.wav', '--exclude', 'old/**'];
  expect((await runHere(cli, [...add, ...more])).code).toBe(0);
  expect(await listed()).toMatchObject({ include: ['*.mp3', '*.wav'], exclude: ['old/**'] });
});

test('a number that cannot be meant is refused in words, with what it may be', async () => {
  await using cli = await openCli();
  const span = 'It must be a number of seconds, such as 3600 for an hour or 86400 for a day.';
  for (const [wanted, ...args] of [
    ...['0', '-1', '1.5', '1h', '', '1e3', '0x10'].map((text) => [
      span,
      'url',
      'a',
      '--expires-in',
      text,
    ]),
    ['It must be a whole number, 1 or more.', 'jobs', '--limit', '0'],
    ['It must be a whole number, 7 or more.', 'bucket', '--end-unfinished', '6'],
    ['It must be a whole number from 0 to 65535.', 'serve', '--port', ''],
    ['As fast as the network allows: upload-limit off.', 'upload-limit', 'set', '0'],
  ] as const) {
    const { code, stderr } = await runHere(cli, args);
    expect([args, code, stderr.includes(` ${wanted}\n`)]).toEqual([args, 2, true]);
  }
});

test('unknown verbs and options end with 2, and lead to the help of the verb itself', async () => {
  await using cli = await openCli();
  for (const args of [
    ['nonsense'],
    ['help', 'nonsense'],
    ['nonsense', '--help'],
    ['list', '--nonsense'],
    ['list', '--max-keys', 'x'],
    ['url'],
    ['retry', 'x'],
    // Without a key the address would be the bucket's.
    ...['metadata', 'exists', 'download', 'url', 'delete'].map((verb) => [verb, '']),
    ['delete', 'a', '', '--yes'],
    ['exists', 'x'.repeat(1_025)],
  ]) {
    const result = await runHere(cli, [...args, '--json']);
    expect([args, result.code, result.json()]).toEqual([args, 2, error('usage')]);
  }
  for (const args of [[], ['folders']]) {
    const result = await runHere(cli, [...args, '--json']);
    expect([args, result.code, result.json()]).toEqual([args, 2, error('usage')]);
    expect(result.json().error.detail).toBe('Say what to do; --help lists the verbs');
    expect((await runHere(cli, args)).stderr).toContain('Usage: pansea-sync');
  }
  for (const [verb, ...args] of [
    ['', 'nonsense'],
    ['url ', 'url'],
    ['migrate verify ', 'migrate', 'verify'],
    ['migrate ', 'help', 'migrate', 'nonsense'],
    ['folders ', 'folders', 'help', 'nonsense'],
    // Only found out once it was begun.
    ['upload ', 'upload', 'a.mp3'],
  ] as const) {
    const help = `Run pansea-sync ${verb}--help to see what is possible.`;
    expect((await runHere(cli, args)).stderr).toContain(help);
    expect((await runHere(cli, [...args, '--json'])).json().error.remedy).toContain(help);
  }
});
