/** @file Whatever a page may send: each call on the real engine and a real storage answers in words, and soon. */
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { api, createClient, type ApiName, type Reply } from '../../shared/api.ts';
import { catalogue } from '../../shared/troubles/catalogue.ts';
import { openTestAppHost, type TestAppHost } from '../support/app-host.ts';
import { shapes } from './contract-shapes.ts';

const names = Object.keys(api) as ApiName[];
/** Far beyond what any of them takes here; the engine's own limits are shorter. */
const ANSWER_MS = 20_000;

let app: TestAppHost;
let storedKey = '';

beforeAll(async () => {
  app = await openTestAppHost();
  await writeFile(join(app.folder, 'lecture.mp3'), 'sound');
  const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7', include: [], exclude: [] };
  await ask('saveFolder', { path: app.folder, rule });
  const client = createClient(ask);
  storedKey = await vi.waitFor(
    async () => (await client.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows[0]!.key!,
    { timeout: 20_000, interval: 100 },
  );
  await ask('setPaused', { isPaused: true });
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

/** As Electron's own border carries it: what cannot be cloned never arrives. */
async function ask(name: unknown, input: unknown): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${String(name)} does not answer`)), ANSWER_MS);
  });
  try {
    return await Promise.race([app.host.serve(name, structuredClone(input)), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ledger and bucket, as one word. */
async function state(): Promise<string> {
  const { database, remote } = app.host.storage();
  const { objects } = await remote.list('', 100, undefined, AbortSignal.timeout(10_000));
  return createHash('sha256')
    .update(database.serialize())
    .update(JSON.stringify(objects))
    .digest('hex');
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});
const cyclic: Record<string, unknown> = { filter: 'all' };
cyclic['self'] = cyclic;
const hostile = [cyclic, [cyclic], new Error('boom'), /x/g, new ArrayBuffer(8), Number.NaN, 0n];

const shaped = shapes({ storedKey: () => storedKey, folder: () => app.folder });

/** One thing in it is something else, or not there, or the whole is. */
function misshapen(name: ApiName): fc.Arbitrary<unknown> {
  const altered = fc
    .tuple(shaped[name] as fc.Arbitrary<Record<string, unknown>>, fc.nat(), fc.option(anything))
    .map(([good, n, other]) => {
      const fields = Object.entries(good);
      const change = other === null ? [] : [other];
      return Object.fromEntries(
        fields.flatMap(([field, value], i) =>
          (i === n % fields.length ? change : [value]).map((now) => [field, now]),
        ),
      );
    });
  return fc
    .oneof(anything, altered, fc.constantFrom(...hostile))
    .filter((input) => !api[name].input.safeParse(input).success);
}

test.each(names)(
  '%s: of a wrong shape it is refused in words, and nothing changes',
  async (name) => {
    const before = await state();
    await fc.assert(
      fc.asyncProperty(misshapen(name), async (input) => {
        const reply = await ask(name, input);
        expect(reply).toMatchObject({ ok: false, code: 'usage' });
        expect(reply).toHaveProperty('detail', expect.stringContaining(`${name}: `));
      }),
      { numRuns: 60 },
    );
    expect(await state()).toBe(before);
  },
);

test('what is no call is refused in words, whatever it is called and whatever it brings', async () => {
  const before = await state();
  const name = fc.oneof(
    anything,
    fc.string(),
    fc.constantFrom('constructor', '__proto__', 'toString', 'hasOwnProperty', 'getstatus', ''),
  );
  await fc.assert(
    fc.asyncProperty(name, anything, async (called, input) => {
      fc.pre(typeof called !== 'string' || !names.includes(called as ApiName));
      const refusal = { ok: false, code: 'usage', detail: 'There is no such call' };
      expect(await ask(called, input)).toEqual(refusal);
    }),
    { numRuns: 300 },
  );
  expect(await state()).toBe(before);
});

/** Those that reach the storage or the disk take their time. */
const slow: ReadonlySet<ApiName> = new Set(['testConnection', 'refreshObjects', 'startAudit']);

test.each(names)(
  '%s: of the right shape, with whatever in it, it never fails without a name',
  async (name) => {
    await fc.assert(
      fc.asyncProperty(shaped[name] as fc.Arbitrary<unknown>, async (input) => {
        const reply = await ask(name, input);
        if (reply.ok) return;
        expect(reply.code).not.toBe('unexpected');
        expect(Object.hasOwn(catalogue, reply.code)).toBe(true);
      }),
      { numRuns: slow.has(name) ? 3 : 40 },
    );
    expect(await ask('getStatus', {})).toMatchObject({ ok: true, value: { mode: 'ready' } });
    expect(await ask('getObject', { key: storedKey })).toMatchObject({ ok: true });
  },
);
