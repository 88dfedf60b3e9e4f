/** @file Several restores at once, in a ledger that cannot be written, without a sign-in, and stopped half-way. */
import { setTimeout } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { createContext } from '../../electron/cli/context.ts';
import { createOutput } from '../../electron/cli/output.ts';
import { restoreSeveral } from '../../electron/cli/verbs/restore-several.ts';
import { restoreStore } from '../../electron/engine/store/restores.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { openCli } from '../support/cli.ts';
import { countingServer, hang, openRemote } from '../support/engine.ts';

/** So many archived recordings, and what the verb works with. */
async function open(number: number) {
  const s3 = await countingServer({ restoreMs: 1e9 });
  const cli = await openCli(s3);
  const remote = openRemote(s3);
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(30_000)]);
  let said = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      said += String(chunk);
      done();
    },
  });
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = createOutput({ stdout, stderr }, { json: true, quiet: false, noColor: true });
  const context = createContext({}, { env: cli.env, cwd: cli.folder, output, signal });
  const body = Buffer.from('sound');
  const headers = { contentType: 'audio/mpeg', metadata: {}, storageClass: 'GLACIER' } as const;
  const keys = Array.from({ length: number }, (_, i) => `audio/bio-101/${i}.mp3`);
  for (const key of keys) await remote.putObject(key, body, crc32(body), headers, signal);
  return {
    remote,
    keys,
    stopping,
    answer: () => JSON.parse(said),
    database: context.home().database,
    restore: (over: Partial<Remote>, wait = false) =>
      restoreSeveral(context, { ...remote, ...over }, keys, { speed: 'bulk', yes: true, wait }),
    [Symbol.asyncDispose]: async () => {
      await context.close();
      remote.close();
      await cli[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

test('when a restore cannot be noted no other is asked for, and none is on its way when that is told', async () => {
  await using on = await open(12);
  on.database.exec(
    `CREATE TRIGGER refused BEFORE INSERT ON restores BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  );
  const abreast = Promise.withResolvers<void>();
  let [begun, ended] = [0, 0];
  const restoreObject: Remote['restoreObject'] = async (...order) => {
    begun += 1;
    const isFirst = begun === 1;
    if (begun === 8) abreast.resolve();
    await abreast.promise;
    // The others are slow.
    if (!isFirst) await setTimeout(50);
    await on.remote.restoreObject(...order);
    ended += 1;
  };
  await expect(on.restore({ restoreObject })).rejects.toThrow('refused');
  expect([begun, ended]).toEqual([8, 8]);
});

/** Asks, and has each look of the wait for a key answered like this; the first look belongs to asking. */
function waiting(
  remote: Remote,
  look: (key: string) => ReturnType<Remote['head']>,
): Partial<Remote> {
  const looks = new Map<string, number>();
  return {
    async restoreObject(key, ...order) {
      await remote.restoreObject(key, ...order);
      looks.set(key, 0);
    },
    head(key, ...asked) {
      const before = looks.get(key);
      if (before !== undefined) looks.set(key, before + 1);
      return before !== undefined && before > 0 ? look(key) : remote.head(key, ...asked);
    },
  };
}

test('a sign-in that ends while they are waited for is told as what it is, with what came and what was asked for', async () => {
  await using on = await open(3);
  const [first, ...others] = on.keys;
  const signal = AbortSignal.timeout(30_000);
  const over = waiting(on.remote, async (key) => {
    if (key !== first) throw new AppError('sign-in-expired');
    const info = await on.remote.head(key, signal);
    return info && { ...info, readability: { kind: 'readable' } };
  });
  expect(await on.restore(over, true)).toBe(3);
  expect(on.answer()).toMatchObject({
    restored: [first],
    restoring: others,
    failed: [],
    error: { code: 'sign-in-expired' },
  });
});

test('a wait that a person stops names what was asked for', async () => {
  await using on = await open(2);
  const over = waiting(on.remote, (key) => {
    on.stopping.abort(new Error('stopped'));
    return on.remote.head(key, AbortSignal.timeout(30_000));
  });
  expect(await on.restore(over, true)).toBe(130);
  expect(on.answer()).toEqual({ restored: [], restoring: on.keys, readable: 0, failed: [] });
});

test('stopped half-way it tells what was refused before, and nothing that the stop broke off', async () => {
  await using on = await open(2);
  const [first, second] = on.keys;
  const looking = Promise.withResolvers<void>();
  let looks = 0;
  const over: Partial<Remote> = {
    async restoreObject(key) {
      await looking.promise;
      setImmediate(() => on.stopping.abort(new Error('stopped')));
      throw new AppError('not-archived', key);
    },
    head(key, ...asked) {
      if (key === second) looks += 1;
      // The second look of it belongs to asking.
      if (looks < 2 || key !== second) return on.remote.head(key, ...asked);
      looking.resolve();
      return hang(on.stopping.signal);
    },
  };
  expect(await on.restore(over)).toBe(130);
  expect(on.answer()).toMatchObject({
    restoring: [],
    failed: [{ key: first, code: 'not-archived' }],
  });
});

test('stopped half-way it has noted all that was asked for', async () => {
  await using on = await open(2);
  const [first] = on.keys;
  const asked = Promise.withResolvers<void>();
  const restoreObject: Remote['restoreObject'] = async (key, order, signal) => {
    if (key === first) {
      await on.remote.restoreObject(key, order, signal);
      return asked.resolve();
    }
    await asked.promise;
    on.stopping.abort(new Error('stopped'));
    // It hears of it late.
    await hang(signal).catch(async (error: unknown) => {
      await setTimeout(50);
      throw error;
    });
  };
  expect(await on.restore({ restoreObject })).toBe(130);
  expect(on.answer().restoring.toSorted()).toEqual(on.keys);
  const noted = restoreStore(on.database).open(on.remote.place);
  expect(noted.map(({ key }) => key).toSorted()).toEqual(on.keys);
});
