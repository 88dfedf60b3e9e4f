/** @file The index is lost after a first ledger had the bucket listed into it: what that listing said is not known any more. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import type { Destination } from '#shared/recording.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { countingServer, openTestEngine, randomFile, toBio } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const isBefore = (index: string) => copyFile(`${index}.before`, index);

test.each([
  ['still there', false, false, () => Promise.resolve()],
  ['deleted', true, false, (index: string) => rm(index)],
  ['one of before', true, false, isBefore],
  ['one of before, and another class was listed into it', true, true, isBefore],
])(
  'where the index is %s, what another computer has sent meanwhile is found: %s',
  async (_, isFound, isOtherFirst, harm) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const index = join(dir.path, 'home', 'object-index.db');
    const files = ['a', 'b', 'c'].map((name) => join(dir.path, `${name}.mp4`));
    for (const file of files) await randomFile(file, 40_000);
    const send = async (home: string, n: number, to: Destination = toBio) => {
      await using app = openTestEngine(s3, home, { quietMs: 30 });
      await app.engine.uploadNow([files[n]!], to, AbortSignal.timeout(30_000));
      return s3.count('PutObject');
    };
    {
      const home = lockHome({ path: join(dir.path, 'home') });
      objectIndex(home.database).mark();
      home.close();
      await copyFile(index, `${index}.before`);
    }
    expect(await send(dir.path, 0)).toBe(1);
    expect(await send(join(dir.path, 'other'), 1)).toBe(2);
    await harm(index);
    if (isOtherFirst) await send(dir.path, 2, { ...toBio, classId: 'chem-7' });
    const before = s3.count('PutObject');
    expect((await send(dir.path, 1)) - before).toBe(isFound ? 0 : 1);
  },
);
