import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCliWithStorage } from '../support/cli.ts';
import { makeScanner } from '../support/scanners.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a scanner is set, holds what it objects to in its own words, and is asked again by retry', async () => {
  await using cli = await openCliWithStorage();
  await using tools = await tempDir();
  const scanner = await makeScanner(tools.path, 'hit');
  expect((await cli.run('scanner', '--json')).json()).toEqual({ scanner: null });
  const own = await cli.run('scanner', 'set', '--', scanner.path, '--json');
  expect([own.code, own.stdout]).toEqual([0, expect.stringMatching(/^Each recording is scanned/)]);
  const set = ['scanner', 'set', '--json', '--limit', '30', '--', scanner.path];
  const command = [scanner.path, '--quick'];
  const limitSeconds = 30;
  expect((await cli.run(...set, '--quick')).json()).toEqual({ scanner: { command, limitSeconds } });
  const refused = await cli.run('scanner', 'set', '--json', 'no-such-scanner');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.json().error).toMatchObject({
    code: 'scanner-missing',
    remedy: 'Nothing was changed. Check its name or its path, then try again.',
  });

  await cli.run('folders', 'add', cli.folder, '--class', 'BIO-101');
  const path = join(cli.folder, 'lecture.mp3');
  await writeFile(path, 'BAD sound');
  const synced = await cli.run('sync');
  expect(synced.code).toBe(1);
  expect(synced.stdout).toMatch(
    / {2}held +.*lecture\.mp3: The virus scanner objects to this file\. Win\.Test\.EICAR_HDB-1 FOUND\. It is safe on this computer, and nothing of it was uploaded\. .*pansea-sync retry$/m,
  );
  const [job] = (await cli.run('jobs', '--json')).json().jobs;
  expect(job).toMatchObject({ state: 'held', reason: 'infected' });
  const anyway = await cli.run('upload-anyway', String(job.id), '--json');
  expect(anyway).toMatchObject({ code: 1 });
  expect((await cli.run('retry', '--json')).json()).toEqual({ retried: 1 });
  await scanner.becomes('clean');
  expect((await cli.run('sync')).stdout).toMatch(/ {2}verified +lecture\.mp3/m);
  expect((await cli.run('scanner', 'off', '--json')).json()).toEqual({ scanner: null });
});
