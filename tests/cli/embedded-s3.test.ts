import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstLine, openCli } from '../support/cli.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';
import { openSdk } from '../support/sdk-client.ts';

test('an S3 client works with the values of the first line; SIGTERM ends it, and the data stays', async () => {
  await using cli = await openCli();
  const server = cli.start('embedded-s3', '--bucket', 'my-school', '--json');
  const access = JSON.parse(await firstLine(server));
  expect(Object.keys(access)).toEqual([
    'endpoint',
    'region',
    'accessKeyId',
    'secretAccessKey',
    'bucket',
  ]);
  expect(access.bucket).toBe('my-school');
  const client = openSdk(access);
  const at = { Bucket: 'my-school', Key: 'uploads/a/b' };
  await client.send(new PutObjectCommand({ ...at, Body: 'hello' }));
  const { Body } = await client.send(new GetObjectCommand(at));
  expect(await Body?.transformToString()).toBe('hello');

  const stoppedMs = performance.now();
  server.child.kill('SIGTERM'); // The client's connection is still open.
  const { code } = await server.ended;
  expect(performance.now() - stoppedMs).toBeLessThan(STOP_LIMIT_MS);
  expect(code).toBe(0);
  client.destroy();
  expect(await readdir(join(cli.env['PANSEA_SYNC_HOME']!, 'embedded-s3'))).not.toEqual([]);
});

test('without --json it prints lines for a shell, with which the other verbs work', async () => {
  await using cli = await openCli();
  const server = cli.start('embedded-s3', '--data', 'store');
  await firstLine(server);
  const env = Object.fromEntries(
    server
      .stdout()
      .trim()
      .split('\n')
      .map((line) => /^export (\w+)=(.*)$/.exec(line)?.slice(1) ?? ['', line]),
  );
  expect(Object.keys(env)).toEqual([
    'AWS_S3_ENDPOINT_URL',
    'AWS_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_S3_BUCKET',
    'AWS_S3_USE_SSL',
  ]);
  await using user = await openCli(undefined, env);
  expect((await user.run('doctor', '--json')).json().ok).toBe(true);
  expect(await readdir(join(cli.folder, 'store'))).not.toEqual([]);

  const port = new URL(env['AWS_S3_ENDPOINT_URL']).port;
  const second = await cli.run('embedded-s3', '--data', 'other', '--port', port, '--json');
  expect(second.code).toBe(2);
  expect(second.json().error.detail).toContain(`Port ${port}`);
  const third = await cli.run('embedded-s3', '--data', 'store', '--json');
  expect(third.code).toBe(2);
  expect(third.json().error.detail).toContain('another server');
  const fourth = await cli.run('embedded-s3', '--data', 'new', '--bucket', 'No!', '--json');
  expect(fourth.code).toBe(2);
});
