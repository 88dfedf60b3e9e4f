/** @file What the window shows as a line for a shell is run by one: by its words, and for real. */
import * as schemas from '@aws-sdk/client-s3';
import { Command } from 'commander';
import { execFile } from 'node:child_process';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { commandLines, type Shown } from '#shared/command-line.ts';
import { addVerbs } from '../../electron/cli/verbs/all.ts';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { mustSayNoKey } from '../support/canary-traces.ts';
import { openCli } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { openShell, programOf } from '../support/shell.ts';
import { tempDir } from '../support/temp-dir.ts';

const difficult = `it's "a" 🎙 \\ $(: >planted) \`: >planted\`; : >planted & * ~ é`;
type Connection = Parameters<typeof commandLines>[1];

const connection: Connection = {
  bucket: 'school-recordings',
  region: 'eu-west-3',
  endpoint: `https://s3.school.example/it's; : >planted`,
  profile: 'a teacher',
  encryption: 'aws:kms',
  kmsKeyId: `alias/it's-ours`,
  useSsl: false,
  caFile: `/etc/it's.pem`,
  home: `/home/ann/${difficult}`,
};
const key = `audio/bio-101/${difficult}/${difficult}.mp3`;
const plan = `/archive/${difficult}.jsonl`;
const link = { kind: 'link', key, expiresInSeconds: 86_400, mode: 'watch' } as const;

/** Each with what the verb has to understand: its name, arguments and options. */
type Case = readonly [Shown, string, readonly unknown[], object];
const all: readonly Case[] = [
  [{ kind: 'object', key, isReadable: false }, 'metadata', [key], {}],
  [{ kind: 'object', key, isReadable: true }, 'download', [key, undefined], {}],
  [{ ...link, note: '' }, 'url', [key], { expiresIn: 86_400, mode: 'watch' }],
  [
    { ...link, mode: 'download', note: `-for ${difficult}` },
    'url',
    [key],
    { expiresIn: 86_400, mode: 'download', note: `-for ${difficult}` },
  ],
  [{ kind: 'renewal', id: 12, expiresInSeconds: 3_600 }, 'renew', [12], { expiresIn: 3_600 }],
  [{ kind: 'connection' }, 'doctor', [], {}],
  [{ kind: 'audit', level: 'full' }, 'audit', [], { level: 'full' }],
  [
    { kind: 'backup', plan, at: `-${difficult}`, sample: 40 },
    'backup',
    [plan],
    { at: `-${difficult}`, sample: 40 },
  ],
  [{ kind: 'said-backup', plan, by: difficult }, 'backup', [plan], { saidBy: difficult }],
  // What a person has written is no option of the program itself.
  ...['--json', '--quiet'].flatMap((own): Case[] => [
    [{ ...link, note: own }, 'url', [key], { expiresIn: 86_400, mode: 'watch', note: own }],
    [{ kind: 'said-backup', plan, by: own }, 'backup', [plan], { saidBy: own }],
    [{ kind: 'backup', plan, at: own, sample: 4 }, 'backup', [plan], { at: own, sample: 4 }],
  ]),
  [
    { kind: 'verify', plan, level: 'read-back', share: 7 },
    'verify',
    [plan],
    { level: 'read-back', share: 7 },
  ],
];

/** As the command line itself does, up to the verb's action. */
async function understood(argv: readonly string[]) {
  const program = new Command('pansea-sync').exitOverride().option('--json').option('--quiet');
  const calls: { verb: string; args: unknown[]; options: object }[] = [];
  const run =
    () =>
    async (...args: unknown[]) => {
      const verb = args.at(-1) as Command;
      calls.push({ verb: verb.name(), args: args.slice(0, -2), options: args.at(-2) as object });
    };
  await addVerbs(program, run, (name) => argv.includes(name));
  await program.parseAsync([...argv], { from: 'user' });
  return calls;
}

/** Which options a request of the S3 API has, as the AWS command line spells them. */
function optionsOf(verb: string): string[] {
  const name = verb.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const schema = (schemas as unknown as Record<string, unknown[]>)[`${name}Request$`];
  const members = schema?.[4] as string[];
  return members.map(
    (member) => `--${member.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}`,
  );
}

describe('in a real shell', () => {
  beforeEach(({ skip }) => skip(process.platform === 'win32', 'Windows has no POSIX shell'));

  test.each(all)('%o is understood by %s word for word', async (shown, verb, args, options) => {
    await using dir = await tempDir();
    await putStubs(dir.path);
    const asked = await wordsOf(dir.path, shown);
    const ours = asked.filter(({ program }) => program === 'pansea-sync');
    const calls = await Promise.all(ours.map(({ words }) => understood(words)));
    expect(calls.flat()).toContainEqual({ verb, args, options: expect.objectContaining(options) });
    for (const { set } of ours)
      expect(set).toEqual({
        PANSEA_SYNC_HOME: connection.home,
        AWS_S3_BUCKET: 'school-recordings',
        AWS_REGION: 'eu-west-3',
        AWS_S3_ENDPOINT_URL: connection.endpoint,
        AWS_S3_USE_SSL: 'false',
        AWS_S3_ENCRYPTION: 'aws:kms',
        AWS_S3_KMS_KEY_ID: connection.kmsKeyId,
        AWS_PROFILE: 'a teacher',
        AWS_CA_BUNDLE: connection.caFile,
      });
    expect((await readdir(dir.path)).toSorted()).toEqual(['aws', 'pansea-sync']);
  });

  test('the AWS command line gets the request that the S3 API knows, and all that says where', async () => {
    await using dir = await tempDir();
    await putStubs(dir.path);
    const shown: Shown[] = [{ kind: 'object', key, isReadable: true }, { kind: 'connection' }];
    const asked = (await Promise.all(shown.map((one) => wordsOf(dir.path, one)))).flat();
    const s3api = asked.filter(({ program }) => program === 'aws').map(({ words }) => words);
    const url = ['--endpoint-url', connection.endpoint];
    const who = ['--profile', 'a teacher', '--ca-bundle', connection.caFile];
    const where = ['--bucket', 'school-recordings', '--region', 'eu-west-3', ...url, ...who];
    const one = ['--key', key, '--checksum-mode', 'ENABLED'];
    expect(s3api).toEqual([
      ['s3api', 'head-object', ...where, ...one],
      ['s3api', 'get-object', ...where, ...one, `${difficult}.mp3`],
      ['s3api', 'head-bucket', ...where],
    ]);
    const ofEach = new Set(['--region', '--endpoint-url', '--profile', '--ca-bundle']);
    for (const [, verb = '', ...words] of s3api) {
      const named = words.filter((word) => word.startsWith('--') && !ofEach.has(word));
      expect(optionsOf(verb)).toEqual(expect.arrayContaining(named));
    }
  });

  test('the AWS command line is not asked for what would be written over a file', async () => {
    await using dir = await tempDir();
    await putStubs(dir.path);
    await writeFile(join(dir.path, `${difficult}.mp3`), 'a recording');
    const shown = { kind: 'object', key, isReadable: true } as const;
    await expect(wordsOf(dir.path, shown)).rejects.toMatchObject({ code: 1, stdout: '' });
  });

  test('they do in the bucket and the list that the window has what it does', async () => {
    await using s3 = await openServer('embedded');
    await using cli = await openCli(s3);
    const shell = await openShell(cli, s3);
    const bytes = Buffer.alloc(60_000, 'photosynthesis ');
    await writeFile(join(cli.folder, `It's week 3.mp3`), bytes);
    const uploaded = await cli.run('upload', `It's week 3.mp3`, '--class', 'bio-101', '--json');
    const [{ key: stored }] = uploaded.json().results;

    const [metadata, download] = await shell({ kind: 'object', key: stored, isReadable: true });
    expect(metadata).toBe((await cli.run('metadata', stored)).stdout);
    expect(download).toMatch(/^It's week 3\.mp3: .*, verified\.\n$/);
    const saved = await readFile(join(cli.folder, 'here', `It's week 3.mp3`));
    expect(saved.equals(bytes)).toBe(true);

    const note = `for "Ms Kim"'s class`;
    const choices = { expiresInSeconds: 7_200, mode: 'watch', note } as const;
    const [url = ''] = await shell({ kind: 'link', key: stored, ...choices });
    expect(Buffer.from(await (await fetch(url.trim())).arrayBuffer()).equals(bytes)).toBe(true);
    const links = async () => (await cli.run('links', '--json')).json().links;
    expect(await links()).toEqual([expect.objectContaining({ key: stored, mode: 'watch', note })]);
    await shell({ kind: 'renewal', id: 1, expiresInSeconds: 3_600 });
    const [renewed] = await links();
    expect(renewed).toMatchObject({ mode: 'watch', note });
    expect(Date.parse(renewed.expiresAt) - Date.parse(renewed.createdAt)).toBe(3_600_000);

    const [tested] = await shell({ kind: 'connection' });
    expect(tested).toContain('New objects are encrypted as chosen');
    expect(tested).toContain('Ready: recordings can be uploaded');
    expect((await shell({ kind: 'audit', level: 'full' }))[0]).toMatch(/1 .*same/);
  });

  test('of an archive they compare with the back-up, and verify', async () => {
    await using s3 = await openServer('embedded');
    await using cli = await openCli(s3);
    const shell = await openShell(cli, s3);
    const files = { 'a.mp3': 'lecture a', 'b.mp3': 'lecture b' };
    await writeArchive(join(cli.folder, 'archive'), files);
    const at = join(cli.folder, `it's another disk`);
    await writeArchive(at, files);
    await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
    const file = join(cli.folder, `it's a plan.jsonl`);
    expect(
      await cli.run('migrate', 'plan', 'archive', '--map', 'map.csv', '--out', file),
    ).toMatchObject({ code: 0 });
    expect((await shell({ kind: 'said-backup', plan: file, by: 'IT team' }))[0]).toContain(
      'IT team',
    );
    expect((await shell({ kind: 'backup', plan: file, at, sample: 2 }))[0]).toContain(at);
    expect(await cli.run('migrate', 'run', file)).toMatchObject({ code: 0 });
    const verify = { kind: 'verify', plan: file, level: 'read-back', share: 100 } as const;
    expect((await shell(verify))[0]).toContain('2 of 2 files verified at the level read-back');
  });

  test('the AWS command line does it, where there is one, and writes over nothing', async (context) => {
    const aws = programOf('aws');
    context.skip(aws === undefined, 'there is no AWS command line on this machine');
    await using s3 = await openServer('embedded');
    await using cli = await openCli(s3);
    const shell = await openShell(cli, s3, aws);
    await writeFile(join(cli.folder, 'week 3.mp3'), 'a recording');
    const uploaded = await cli.run('upload', 'week 3.mp3', '--class', 'bio-101', '--json');
    const [{ key: stored }] = uploaded.json().results;
    // Any end but 0 is thrown.
    expect(await shell({ kind: 'connection' }, 'aws')).toHaveLength(1);
    const shown = { kind: 'object', key: stored, isReadable: true } as const;
    const [head = '', got = ''] = await shell(shown, 'aws');
    expect(JSON.parse(head)).toMatchObject({ ContentLength: 11 });
    expect(JSON.parse(got)).toMatchObject({ ContentLength: 11 });
    const file = join(cli.folder, 'here', stored.slice(stored.lastIndexOf('/') + 1));
    expect(await readFile(file, 'utf8')).toBe('a recording');
    await writeFile(file, 'another');
    await expect(shell(shown, 'aws')).rejects.toThrow(/get-object/);
    expect(await readFile(file, 'utf8')).toBe('another');
  });
});

const connecting = (own: Partial<Connection>) =>
  commandLines({ kind: 'connection' }, { ...connection, ...own }).map(({ line }) => line);

test('an endpoint has its scheme, and an address in the place of a bucket’s name is that bucket', () => {
  const none = { endpoint: '', profile: '', encryption: '', kmsKeyId: '', caFile: '', home: null };
  const plain = { ...none, useSsl: true };
  expect(connecting(plain)).toEqual([
    'AWS_S3_BUCKET=school-recordings AWS_REGION=eu-west-3 pansea-sync doctor',
    'aws s3api head-bucket --bucket school-recordings --region eu-west-3',
  ]);
  expect(connecting({ ...plain, bucket: 'https://lectures.s3.eu-west-1.amazonaws.com/' })).toEqual([
    'AWS_S3_BUCKET=lectures AWS_REGION=eu-west-1 pansea-sync doctor',
    'aws s3api head-bucket --bucket lectures --region eu-west-1',
  ]);
  expect(connecting({ endpoint: 'minio:9000' })[1]).toContain('--endpoint-url http://minio:9000 ');
  expect(connecting({ endpoint: 'minio:9000', useSsl: true })[1]).toContain(' https://minio:9000 ');
  expect(connecting({ bucket: '' })).toEqual([]);
});

test('what would be read as something else than it is has no line', () => {
  const lines = (of: string) =>
    commandLines({ kind: 'object', key: of, isReadable: true }, connection);
  const [newline, reversed] = ['audio/a\nrm -r ~', 'audio/\u202E3pm.a'];
  for (const odd of [newline, reversed, '-rf', '--help', 'file:///etc/passwd', 'https://a/b'])
    expect(lines(odd)).toEqual([]);
  // The AWS command line would be told a file’s name that is an option, or none.
  for (const odd of ['audio/-a', 'audio/']) expect(lines(odd)).toHaveLength(3);
  const note = 'a\u0000b';
  expect(commandLines({ ...link, note }, connection)).toEqual([]);
});

type Asked = Readonly<{ program: string; words: string[]; set: Record<string, string> }>;

/** In the place of each program one that only says what reaches it: before any is run, since a file that is being written cannot be. */
async function putStubs(folder: string): Promise<void> {
  for (const name of ['pansea-sync', 'aws']) {
    const program = join(folder, name);
    await writeFile(
      program,
      `#!${process.execPath}
const set = Object.entries(process.env).filter(([name]) => /^(?:AWS|PANSEA)_/.test(name));
const [, , ...words] = process.argv;
console.log(JSON.stringify({ program: '${name}', words, set: Object.fromEntries(set) }));\n`,
    );
    await chmod(program, 0o755);
  }
}

/** With no program in reach but those of `putStubs`. */
async function wordsOf(folder: string, shown: Shown): Promise<Asked[]> {
  const env = { PATH: folder, HOME: folder };
  const lines = commandLines(shown, connection);
  expect(lines.length).toBeGreaterThan(0);
  return Promise.all(
    lines.map(async ({ line }) => {
      mustSayNoKey(line, 'a line to be copied');
      expect(line).not.toContain('\n');
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line], { env, cwd: folder });
      return JSON.parse(stdout) as Asked;
    }),
  );
}
