import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import { missingPrograms } from '../../scripts/bootstrap/programs.mjs';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { openCli, type Cli } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';

const fileOf = (cli: Cli) => join(cli.folder, '..', 'policy.json');
const write = (cli: Cli, policy: object | string) =>
  writeFile(
    fileOf(cli),
    typeof policy === 'string' ? policy : JSON.stringify({ format: 1, ...policy }),
  );
const refused = 'This is set by your school';

async function openSchool(env: Record<string, string> = {}): Promise<Cli> {
  const s3 = await openServer('embedded');
  const cli = await openCli(s3, env);
  cli.env['PANSEA_POLICY_FILE'] = fileOf(cli);
  return {
    ...cli,
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

test('what the school has set is refused to the command line in the same words, and what it allows is done', async () => {
  await using cli = await openSchool();
  const set = join(cli.folder, 'Recordings');
  const other = join(cli.folder, 'Other');
  await mkdir(set);
  await mkdir(other);
  await writeFile(join(set, 'a.mp3'), 'ID3 sound');
  await write(cli, {
    help: 'the IT desk',
    folders: { rules: [{ path: set, kind: 'audio', classId: 'BIO-101' }], others: false },
    links: { longestSeconds: 600 },
    cleanUp: { storage: false, local: false },
  });
  const synced = await cli.run('sync', '--json');
  expect(synced.lines().at(-1)).toMatchObject({ event: 'summary', verified: 1 });
  const [{ key }] = (await cli.run('list', '--json')).json().objects;
  expect(key).toMatch(/^audio\/BIO-101\//);
  await writeArchive(join(cli.folder, 'archive'), { 'old.mp3': 'lecture' });
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'BIO-101', 'teacher-7']]);
  await cli.run('migrate', 'plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl');
  // Before anybody has waited for an upload and a back-up.
  const cleanup = ['migrate', 'cleanup', 'plan.jsonl'];
  expect((await cli.run(...cleanup)).stdout).toContain(
    'No file is removed from this computer: your school has set it so.',
  );
  expect((await cli.run(...cleanup, '--json')).json()).toMatchObject({ mayFree: false });
  for (const words of [
    ['folders', 'add', other, '--class', 'X'],
    ['folders', 'add', set, '--class', 'HIST-204'],
    ['folders', 'remove', set],
    ['upload', join(set, 'a.mp3'), '--class', 'HIST-204'],
    ['url', key, '--expires-in', '601'],
    ['delete', key, '--yes'],
    [...cleanup, '--confirm', '1'],
  ]) {
    const asText = await cli.run(...words);
    expect([words, asText.code]).not.toEqual([words, 0]);
    expect(asText.stderr).toContain(refused);
    expect(asText.stderr).toContain('. Ask the IT desk\n');
  }
  expect((await cli.run('folders', 'add', other, '--json')).json().error).toMatchObject({
    code: 'set-by-school',
    title: refused,
    detail: 'No folder can be added or changed. Ask the IT desk',
  });
  const unsaid = (await cli.run('url', key, '--json')).json();
  expect(Date.parse(unsaid.expiresAt)).toBeLessThanOrEqual(Date.now() + 600_000);
  expect((await cli.run('url', key, '--expires-in', '600')).code).toBe(0);
  expect((await cli.run('exists', key, '--json')).json()).toEqual({ exists: true });
});

test('its storage stands over the environment, and the command line says so', async () => {
  await using cli = await openSchool({ AWS_S3_BUCKET: 'elsewhere' });
  const { AWS_S3_ENDPOINT_URL: endpoint } = cli.env;
  await write(cli, { storage: { bucket: 'pansea-demo', endpoint } });
  const doctor = await cli.run('doctor');
  expect(doctor.stdout).toContain('pansea-demo');
  expect(doctor.stderr).toContain('Note: AWS_S3_BUCKET is pansea-demo: your school has set it so.');
  expect(doctor.code).toBe(0);
});

test('a damaged file is named; uploads go on only where it is known what it said before', async () => {
  await using cli = await openSchool();
  await write(cli, '{"format":1,');
  await writeFile(join(cli.folder, 'a.mp3'), 'ID3 sound');
  const held = await cli.run('sync', '--json');
  expect([held.code, held.json().error.code]).toEqual([2, 'policy-unreadable']);
  expect(held.json().error.detail).toContain(fileOf(cli));
  await write(cli, {
    help: 'the IT desk',
    folders: { rules: [{ path: cli.folder, kind: 'audio', classId: 'B' }] },
  });
  expect((await cli.run('sync')).code).toBe(0);
  await write(cli, '{"format":1,');
  await writeFile(join(cli.folder, 'b.mp3'), 'other sound');
  const on = await cli.run('sync', '--json');
  expect(on.lines().at(-1)).toMatchObject({ event: 'summary', verified: 1 });
  expect(on.stderr).toContain('Your school’s settings for this computer cannot be read');
  const change = await cli.run('folders', 'remove', cli.folder, '--json');
  expect([change.code, change.json().error.code]).toEqual([2, 'policy-unreadable']);
  expect(change.json().error.detail).toMatch(/policy\.json: .+\. Ask the IT desk$/);
});

test('a watch follows what the school changes while it runs, and never lets go of its home', async () => {
  await using cli = await openSchool();
  await writeFile(join(cli.folder, 'a.mp3'), 'ID3 sound');
  const watch = cli.start('watch');
  await expect.poll(watch.stderr).toContain('Watching.');
  await write(cli, {
    folders: { rules: [{ path: cli.folder, kind: 'audio', classId: 'BIO-101' }] },
  });
  await expect.poll(watch.stdout, { timeout: 30_000 }).toContain('audio/BIO-101/');
  expect(watch.stderr()).toContain('Your school has changed its settings for this computer');
  expect((await cli.run('sync')).code).toBe(4);
  watch.child.kill('SIGTERM');
  expect((await watch.ended).code).toBe(0);
});

test('a watch waits while its first policy is damaged, and goes on by what is then set', async () => {
  await using cli = await openSchool();
  await writeFile(join(cli.folder, 'a.mp3'), 'ID3 sound');
  const watch = cli.start('watch');
  await expect.poll(watch.stderr).toContain('Watching.');
  await write(cli, '{');
  await expect.poll(watch.stderr, { timeout: 30_000 }).toContain(fileOf(cli));
  await write(cli, {
    folders: { rules: [{ path: cli.folder, kind: 'audio', classId: 'BIO-101' }] },
  });
  await expect.poll(watch.stdout, { timeout: 30_000 }).toContain('audio/BIO-101/');
  watch.child.kill('SIGTERM');
  expect((await watch.ended).code).toBe(0);
});

const missing = missingPrograms(['unshare', 'mount']);

test('the computer’s own file holds, whatever whoever starts the program says', async ({
  skip,
}: TestContext) => {
  skip(process.platform !== 'linux' || process.getuid?.() !== 0, 'only root may show another /etc');
  skip(missing.length > 0, `missing: ${missing.join(', ')}`);
  await using cli = await openSchool();
  await write(cli, { format: 1 });
  const place = join(cli.folder, '..');
  const policy = JSON.stringify({ format: 1, links: { longestSeconds: 600 } });
  // This computer as it would be with the file in /etc: seen by the programs below and by no others.
  const script = `set -e
mkdir -p etc-new etc-work
mount -t tmpfs tmpfs etc-new && mkdir etc-new/upper etc-new/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=etc-new/upper,workdir=etc-new/work /etc
mkdir -m 755 /etc/pansea-sync
printf '%s' '${policy}' > /etc/pansea-sync/policy.json
cd folder
"$NODE" "$CLI" url audio/x/y --expires-in 601 --home "$PWD/../another-home" || true`;
  const source = join(import.meta.dirname, '../../electron/cli.ts');
  const { stderr } = await promisify(execFile)(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script],
    { cwd: place, env: { ...cli.env, NODE: process.execPath, CLI: source } },
  );
  expect(stderr).toContain(refused);
  expect(stderr).toContain('A link works for 10 minutes at most');
  await expect(readFile('/etc/pansea-sync/policy.json')).rejects.toThrow('ENOENT');
});
