import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { firstLine, openCli, openCliWithStorage } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';
import { sha256 } from '../support/oracle.ts';

const run = promisify(execFile);

test('curl uploads, finds, links and deletes, and the command line sees the same', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3);
  const server = cli.start('serve', '--json');
  const { url, token } = JSON.parse(await firstLine(server));
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const sound = Buffer.alloc(12_000_000, 'a lecture ');
  await writeFile(join(cli.folder, 'lecture.mp3'), sound);
  const curl = async (...args: string[]) =>
    (
      await run('curl', ['-sS', '-H', `Authorization: Bearer ${token}`, ...args], {
        cwd: cli.folder,
      })
    ).stdout;

  const form = ['-F', 'file=@lecture.mp3', '-F', 'folder=audio/bio-101'];
  const { key } = JSON.parse(await curl(...form, `${url}/api/v1/s3/upload`));
  expect((await cli.run('exists', key, '--json')).json()).toEqual({ exists: true });
  const file = `${url}/api/v1/s3/file/${key}`;
  const link = JSON.parse(await curl(`${file}/url?expires_in=120`));
  await run('curl', ['-sS', '-o', join(cli.folder, 'back.mp3'), link.url]);
  expect(sha256(await readFile(join(cli.folder, 'back.mp3')))).toBe(sha256(sound));
  expect((await cli.run('links', '--json')).json().links[0]).toMatchObject({ key, state: 'live' });
  expect(JSON.parse(await curl('-X', 'DELETE', file)).deleted).toEqual([key]);
  expect((await cli.run('links', '--json')).json().links[0].state).toBe('dead');

  // It hosts the engine, so there is no second one; what only reads goes on beside it.
  expect((await cli.run('sync', '--json')).code).toBe(4);
  expect((await cli.run('serve', '--json')).code).toBe(4);

  const stoppedMs = performance.now();
  server.child.kill('SIGTERM');
  const { code, stdout } = await server.ended;
  expect(performance.now() - stoppedMs).toBeLessThan(STOP_LIMIT_MS);
  expect(code).toBe(0);
  expect(stdout.split(token)).toHaveLength(2);
});

test('the example that it prints works, and a taken port is said', async () => {
  await using cli = await openCliWithStorage();
  const server = cli.start('serve');
  await firstLine(server);
  await expect.poll(server.stdout).toContain('curl');
  const example = server.stdout().trim().split('\n').at(-1)!;
  const { stdout } = await run('sh', ['-c', example.replace('curl', 'curl -sS')]);
  expect(JSON.parse(stdout)).toEqual({ objects: [], truncated: false });

  const port = /127\.0\.0\.1:(\d+)/.exec(example)![1]!;
  const second = await cli.run(
    'serve',
    '--home',
    join(cli.folder, 'other'),
    '--port',
    port,
    '--json',
  );
  expect(second.code).toBe(2);
  expect(second.json().error.detail).toContain(`Port ${port}`);
});
