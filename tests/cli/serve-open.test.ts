import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openBrowser, skipWithoutChromium } from '../renderer/support/chromium.ts';
import { openCli } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

beforeEach(skipWithoutChromium);

test('the browser is opened by a file of this user alone: no other user reads the token from its arguments', async () => {
  await using dir = await tempDir();
  await using s3 = await openServer('embedded');
  const programs = join(dir.path, 'programs');
  await mkdir(programs);
  const noted = join(dir.path, 'arguments');
  for (const name of ['xdg-open', 'open']) {
    await writeFile(join(programs, name), `#!/bin/sh\nprintf '%s\\n' "$@" > '${noted}'\n`);
    await chmod(join(programs, name), 0o755);
  }
  const path = `${programs}${delimiter}${process.env['PATH']}`;
  await using cli = await openCli(s3, { PATH: path });
  const server = cli.start('serve', '--open', '--json');
  await expect.poll(() => readFile(noted, 'utf8').catch(() => '')).toContain('\n');
  const { token } = JSON.parse(server.stdout());
  const given = (await readFile(noted, 'utf8')).trim().split('\n');
  expect(given).toEqual([join(cli.env['PANSEA_SYNC_HOME']!, 'open.html')]);
  expect((await stat(given[0]!)).mode & 0o777).toBe(0o600);

  await using browser = {
    chromium: await openBrowser(),
    [Symbol.asyncDispose]: () => browser.chromium.close(),
  };
  const page = await browser.chromium.newPage();
  await page.goto(`file://${given[0]}`);
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  expect(page.url()).not.toContain(token);

  server.child.kill('SIGTERM');
  await server.ended;
  await expect(stat(given[0]!)).rejects.toThrow('ENOENT');
});
