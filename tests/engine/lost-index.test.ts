/** @file The index is lost after a first ledger had the bucket listed into it: what that listing said is not known any more. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { countingServer, openTestEngine, randomFile, toBio } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

test.each([
  ['still there', false, () => Promise.resolve()],
  ['deleted', true, (index: string) => rm(index)],
  ['one of before', true, (index: string) => copyFile(`${index}.before`, index)],
])(
  'where the index is %s, what another computer has sent meanwhile is found: %s',
  async (_, isFound, harm) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const index = join(dir.path, 'home', 'object-index.db');
    const files = ['a', 'b'].map((name) => join(dir.path, `${name}.mp4`));
    for (const file of files) await randomFile(file, 40_000);
    const send = async (home: string, n: number) => {
      await using app = openTestEngine(s3, home, { quietMs: 30 });
      await app.engine.uploadNow([files[n]!], toBio, AbortSignal.timeout(30_000));
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
    expect(await send(dir.path, 1)).toBe(isFound ? 2 : 3);
  },
);
