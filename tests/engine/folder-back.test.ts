import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { bioClass, openTestEngine, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test('what waited for its folder goes up once the folder is back, also when nothing else is new', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const [path, away] = [join(dir.path, 'usb'), join(dir.path, 'away')];
  await randomFile(join(path, 'a.mp3'), 1_000);
  let isDenied = true;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 50,
    wrap: (remote) => ({
      ...remote,
      putObject: (...args) =>
        isDenied ? Promise.reject(new AppError('upload-denied')) : remote.putObject(...args),
    }),
  });
  const sync = () => app.engine.syncOnce(AbortSignal.timeout(20_000));
  await app.engine.addFolder(path, bioClass);
  expect(await sync()).toMatchObject({ failed: 1 });
  await rename(path, away);
  expect(await sync()).toMatchObject({ notConnected: 1 });
  isDenied = false;
  const { id } = app.engine.jobs.list('failed', 1)[0]!;
  app.engine.jobs.apply(id, [{ type: 'retried', atMs: Date.now() }]);
  await rename(away, path);
  expect(await sync()).toMatchObject({ verified: 1, failed: 0 });
});
