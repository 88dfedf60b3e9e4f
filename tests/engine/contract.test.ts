/** @file Whatever a page may send: each call on the real engine and a real storage answers in words, and soon. */
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { api, createClient, type ApiInput, type ApiName, type Reply } from '../../shared/api.ts';
import { auditLevels, auditReasonNames, refutedReasons } from '../../shared/audit.ts';
import { catalogue } from '../../shared/catalogue.ts';
import { encryptionChoices } from '../../shared/encryption.ts';
import { errorCodes } from '../../shared/errors.ts';
import { holdReasons } from '../../shared/job.ts';
import { queueFilters } from '../../shared/queue-view.ts';
import { destinationKinds } from '../../shared/recording.ts';
import { linkFilters } from '../../shared/stored.ts';
import { storageClasses } from '../../shared/storage-class.ts';
import { openTestAppHost, type TestAppHost } from '../support/app-host.ts';

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

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '../../etc/passwd',
    '/',
    '"',
    "'; DROP TABLE jobs;--",
    'NEAR(a b)',
    '*',
  ),
  fc.constantFrom(
    '\uD800',
    'a\uDFFF',
    '\u202Egpj.mp3',
    '[',
    '{a,b',
    '**/**/**',
    '%',
    '%zz',
    '__proto__',
  ),
);
const id = fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constantFrom(2 ** 53 - 1, -(2 ** 53 - 1)));
const page = { offset: fc.nat(), limit: fc.integer({ min: 1, max: 500 }) };
const key = fc.oneof(
  words.filter((text) => text !== ''),
  fc.constant('audio/bio-101/x.mp3'),
);
const none = fc.constant({});
const ids = fc.array(id, { maxLength: 5 });
const owner = fc.record({
  kind: fc.option(fc.constantFrom(...destinationKinds)),
  ownerId: fc.option(words),
});
const dayCount = fc.option(fc.integer({ min: 7, max: 400 }));
const choices = fc.record({
  endUnfinishedAfterDays: dayCount,
  transition: fc.option(
    fc.record({
      kind: fc.constantFrom(...destinationKinds),
      storageClass: fc.constantFrom('STANDARD_IA', 'DEEP_ARCHIVE'),
      afterDays: fc.integer({ min: 1, max: 400 }),
    }),
  ),
  endOldVersionsAfterDays: dayCount,
});
const rule = fc.record(
  {
    kind: fc.constantFrom(...destinationKinds),
    classId: fc.constantFrom(null, 'bio-101', 'constructor'),
    userId: fc.constantFrom('teacher-7', 'a'.repeat(128)),
    include: fc.array(words, { maxLength: 4 }),
    exclude: fc.array(words, { maxLength: 4 }),
    types: fc.constantFrom<string[]>([], ['mp3'], ['.WAV', 'mp4']),
    minBytes: fc.nat(),
    maxBytes: fc.integer({ min: 1 }),
    storageClass: fc.constantFrom(...storageClasses),
  },
  { requiredKeys: ['kind', 'classId', 'userId', 'include', 'exclude'] },
);
/** Inside the test's own folder, or nowhere. */
const path = words.map((text) => join('/nowhere', 'at all', text.slice(0, 1)) + text);

const command = fc.array(words, { minLength: 1, maxLength: 5 });
const scan = fc.option(fc.record({ command, limitSeconds: fc.constantFrom(1, 600) }));

/** Of the right shape, and hostile in what it says. A call without a line here does not compile. */
const shaped: { [N in ApiName]: fc.Arbitrary<ApiInput<N>> } = {
  getConnection: none,
  saveConnection: fc.record({
    bucket: words,
    region: words,
    endpoint: words,
    profile: words,
    encryption: fc.constantFrom(...encryptionChoices),
    kmsKeyId: words,
    useSsl: fc.boolean(),
    verifySsl: fc.boolean(),
    caFile: words,
    agreesToUnprotected: fc.boolean(),
    keys: fc.option(fc.record({ accessKeyId: words, secretAccessKey: words })),
  }),
  forgetKeys: none,
  readEnvFile: fc.record({
    text: fc.oneof(
      words,
      fc.constantFrom('AWS_S3_BUCKET=b\nAWS_S3_BUCKET=\0', 'AWS_ACCESS_KEY_ID='),
    ),
  }),
  saveEnvFile: fc.record({ id: words, agreesToUnprotected: fc.boolean() }),
  dropEnvFile: none,
  getSignIn: none,
  getStorageFacts: none,
  testConnection: fc.record({ envFile: words }),
  planRules: fc.record({ choices }),
  applyRules: fc.record({ choices, seen: words }),
  getVirusScan: none,
  setVirusScan: fc.record({ scan }),
  getDetailedLog: none,
  setDetailedLog: fc.record({ isOn: fc.boolean() }),
  previewReport: none,
  saveReport: fc.record({ id: words }),
  listHistory: fc.record({ classId: fc.option(words), ...page }),
  exportHistory: fc.record({ classId: fc.option(words) }),
  dismissRecovery: none,
  getAudit: none,
  startAudit: fc.record({ level: fc.constantFrom(...auditLevels) }),
  cancelAudit: none,
  settleGone: fc.record({ reason: fc.constantFrom(...refutedReasons), isAgain: fc.boolean() }),
  listAuditFindings: fc.record({ reason: fc.constantFrom(...auditReasonNames), ...page }),
  getStatus: none,
  listJobs: fc.record({ filter: fc.constantFrom(...queueFilters), ...page }),
  listCauses: none,
  retryJobs: fc.record({ ids, code: fc.constantFrom(undefined, ...errorCodes, ...holdReasons) }),
  uploadAnyway: fc.record({ ids, code: fc.constantFrom(undefined, ...holdReasons) }),
  dismissJobs: fc.record({ ids, code: fc.constantFrom(...errorCodes, ...holdReasons) }),
  sendAgain: fc.record({ ids: fc.array(id, { minLength: 1, maxLength: 5 }) }),
  revealJob: fc.record({ id }),
  setPaused: fc.record({ isPaused: fc.boolean() }),
  tryStorageNow: none,
  openAgain: none,
  listOwners: none,
  listObjects: fc.record({ owner: fc.option(owner), words, ...page }),
  refreshObjects: none,
  getObject: fc.record({ key }),
  startDownload: fc.record({ key }),
  listDownloads: none,
  cancelDownload: fc.record({ id }),
  revealDownload: fc.record({ id }),
  clearDownloads: none,
  deleteObject: fc.record({ key }),
  createLink: fc.record({
    key: fc.oneof(key, fc.constant(null)).map((other) => other ?? storedKey),
    expiresInSeconds: fc.integer({ min: 60, max: 604_800 }),
    mode: fc.constantFrom('watch' as const, 'download' as const),
    note: words,
  }),
  listLinks: fc.record({ filter: fc.constantFrom(...linkFilters), words, ...page }),
  listSkipped: fc.record(page),
  lookAgain: none,
  copyText: fc.record({ text: words }),
  listFolders: none,
  chooseFolder: none,
  previewFolder: fc.record({
    path: fc.oneof(path, fc.constant(null)).map((p) => p ?? app.folder),
    rule,
  }),
  saveFolder: fc.record({ path, rule }),
  removeFolder: fc.record({ id: id.filter((one) => one !== 1) }),
};

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
