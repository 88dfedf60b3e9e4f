import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  bioClass,
  countingServer,
  hang,
  keysOf,
  openTestEngine,
  randomFile,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

test.for([
  ['in one piece', 4_000],
  ['in parts', 12_000_000],
] as const)(
  'what the storage has taken %s is not called dismissed, though its answer was still on its way',
  async ([, size]) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    await using folder = await tempDir();
    const taken = Promise.withResolvers<void>();
    const answer = (signal: AbortSignal) => {
      taken.resolve();
      return hang(signal);
    };
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 100,
      wrap: (remote) => ({
        ...remote,
        async putObject(...args) {
          await remote.putObject(...args);
          return answer(args[4]);
        },
        async completeUpload(...args) {
          await remote.completeUpload(...args);
          return answer(args[4]);
        },
      }),
    });
    const { engine, remote } = app;
    await engine.addFolder(folder.path, bioClass);
    await randomFile(join(folder.path, 'lecture.mp3'), size);
    engine.start();
    await taken.promise;
    expect(await engine.decisions.dismiss({ ids: [] })).toBe(0);
    const all = () => engine.jobs.list(undefined, 2);
    await expect.poll(() => all().map(({ state }) => state.kind)).toEqual(['verified']);
    expect(await keysOf(remote)).toEqual([all()[0]!.key]);
  },
);
