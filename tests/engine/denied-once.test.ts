/** @file A storage of many machines may say once, and wrongly, that it does not have what it has. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noteIfBack } from '../../electron/engine/library/bring-back.ts';
import { deletedObject } from '../../electron/engine/library/deleted.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { countingServer, keysOf, openTestEngine, signal, toBio } from '../support/engine.ts';
import { openKept } from '../support/kept.ts';
import { tempDir } from '../support/temp-dir.ts';

test('what is there is not sent a second time by a storage that says once that it is not', async () => {
  let denials = 0;
  await using kept = await openKept((remote) => ({
    ...remote,
    head: async (...asked) => ((denials -= 1) >= 0 ? undefined : remote.head(...asked)),
  }));
  await kept.remove();
  const { markerId } = (await deletedObject(kept.remote, kept.key, signal()))!;
  await kept.remote.removeMarker(kept.key, markerId, signal());
  denials = 1;
  await noteIfBack(kept.remote, kept.ledger, kept.job()!, signal());
  expect([kept.state()?.kind, denials]).toEqual(['verified', -1]);
});

test('what was sent is not sent once more for a storage that says once that it is not there', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'sound');
  let denials = 0;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    head: async (...asked) => ((denials -= 1) >= 0 ? undefined : remote.head(...asked)),
  });
  await using app = openTestEngine(s3, dir.path, { wrap });
  const send = () => app.engine.uploadNow([path], toBio, signal());
  await send();
  const verified = () => app.engine.jobs.list('verified', -1);
  const [sent] = verified();
  denials = 1;
  await send();
  expect([verified(), await keysOf(app.remote)]).toEqual([[sent], [sent!.key]]);
});
