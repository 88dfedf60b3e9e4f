import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BURST_HINTS } from '../../electron/engine/watch/bursts.ts';
import { bioClass, openTestEngine } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a folder in which very much has come at once is looked through again, since news of it may be missing', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'recordings');
  mkdirSync(path);
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 3_600_000 });
  app.engine.queue.setPaused(true);
  await app.engine.addFolder(path, bioClass);
  app.engine.start();
  const looks = () => app.heard.filter(({ type }) => type === 'scanned').length;
  await expect.poll(looks, { timeout: 30_000 }).toBeGreaterThan(0);
  const before = looks();
  const files = BURST_HINTS + 100;
  for (let n = 0; n < files; n += 1) writeFileSync(join(path, `${n}.mp3`), `recording ${n}`);
  await expect
    .poll(() => app.engine.jobs.list(undefined, -1).length, { timeout: 60_000 })
    .toBe(files);
  await expect.poll(looks, { timeout: 30_000 }).toBeGreaterThan(before);
}, 150_000);
