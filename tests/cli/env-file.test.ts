import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canarySession } from '../support/canary.ts';
import { openCli, storageEnv, type Cli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { openServer, type S3Access } from '../support/s3-servers.ts';

const write = (cli: Cli, name: string, variables: Readonly<Record<string, string>>) =>
  writeFile(
    join(cli.folder, name),
    Object.entries(variables)
      .map(([variable, value]) => `${variable}="${value}"\n`)
      .join(''),
  );
const bucketOf = (s3: S3Access) => ({ AWS_S3_BUCKET: s3.bucket });

test('settings come from the .env beside, from a file by its name instead, and from the environment before both', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli();
  await write(cli, '.env', { ...storageEnv(s3), AWS_S3_BUCKET: 'pansea-from-beside' });
  await write(cli, 'school.env', storageEnv(s3));
  const beside = await cli.run('doctor', '--json');
  expect(beside.json().checks.at(-1)).toMatchObject({ id: 'bucket', ok: false });
  const named = await cli.run('doctor', '--json', '--env-file', 'school.env');
  expect(named.json()).toMatchObject({ ok: true, signIn: { source: 'env-file' } });
  await using own = await openCli(undefined, bucketOf(s3));
  await write(own, '.env', { ...storageEnv(s3), AWS_S3_BUCKET: 'pansea-from-beside' });
  expect((await own.run('doctor', '--json')).json()).toMatchObject({ ok: true });
});

test('a file that is not there, and a line in it that is wrong, are named; a secret is not', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli();
  const absent = await cli.run('list', '--json', '--env-file', 'absent.env');
  expect(absent.code).toBe(2);
  expect(absent.json().error.detail).toContain('absent.env: there is no such file');
  await write(cli, 'bad.env', { ...storageEnv(s3), AWS_S3_VERIFY_SSL: 'perhaps' });
  const bad = await cli.run('list', '--json', '--env-file', 'bad.env');
  expect([bad.code, bad.json().error.detail]).toEqual([
    2,
    'AWS_S3_VERIFY_SSL must be true or false',
  ]);
});

test('a sign-in that has ended is told once, however many files wait for it', async () => {
  const { sessionToken: token, ...keys } = canarySession(1);
  await using s3 = await countingServer({ sessions: [{ ...keys, token, endsAtMs: 0 }] });
  await using cli = await openCli();
  await write(cli, 'school.env', {
    ...storageEnv({ ...s3, ...keys }),
    AWS_SESSION_TOKEN: token,
  });
  await cli.run('folders', 'add', cli.folder, '--class', 'BIO-101');
  for (let n = 1; n <= 6; n += 1) await writeFile(join(cli.folder, `${n}.mp3`), `ID3 sound ${n}`);
  const { code, stdout, stderr } = await cli.run('sync', '--env-file', 'school.env');
  expect(code).toBe(3);
  // While it runs, and as the reason why it ended.
  for (const said of [stdout, stderr]) expect(said.match(/sign-in has expired/gi)).toHaveLength(1);
});
