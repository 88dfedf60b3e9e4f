import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { linkState, linkStore } from '../../electron/engine/store/links.ts';
import { settleGone } from '../../electron/engine/audit/gone.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { removalStore } from '../../electron/engine/store/returns.ts';
import { createLink, renewLink, signAgain } from '../../electron/engine/library/share.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { encodeValue } from '../../shared/metadata.ts';
import type { SignIn } from '../../shared/sign-in.ts';
import { crc32 } from 'node:zlib';
import { DAY_MS } from '#shared/time.ts';
import { openRemote, signal } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A bucket with one object, and a record of links. */
async function open() {
  const s3 = await openServer('embedded');
  const remote = openRemote(s3);
  const db = openDatabase(':memory:');
  const body = Buffer.from('sound');
  const metadata = { original_filename: encodeValue('Économie.mp3') };
  await remote.putObject(
    'k.mp3',
    body,
    crc32(body),
    { contentType: 'audio/mpeg', metadata },
    signal(),
  );
  return {
    remote,
    links: linkStore(db),
    [Symbol.asyncDispose]: async () => {
      db.close();
      remote.close();
      await s3[Symbol.asyncDispose]();
    },
  };
}

const signInUntil = async (endsAtMs: number | undefined): Promise<SignIn> => ({
  source: 'environment',
  profile: undefined,
  keyEnding: 'NARY',
  isTemporary: endsAtMs !== undefined,
  endsAtMs,
});

const request = { key: 'k.mp3', expiresInSeconds: 3_600, mode: 'watch', note: 'for Ana' } as const;

test('a link is on record with its human name and its end, and the link itself is not', async () => {
  await using on = await open();
  const { url, link, because } = await createLink({ ...on, nowMs: Date.now }, request, signal());
  expect(because).toBe('asked');
  expect(await (await fetch(url)).text()).toBe('sound');
  expect(on.links.list()).toEqual([link]);
  expect(link).toEqual({
    id: 1,
    place: on.remote.place,
    key: 'k.mp3',
    name: 'Économie.mp3',
    mode: 'watch',
    note: 'for Ana',
    createdAtMs: link.createdAtMs,
    expiresAtMs: link.createdAtMs + 3_600_000,
    mayEndSooner: false,
    deadAtMs: null,
    renewedBy: null,
  });
  expect(JSON.stringify(on.links.list())).not.toMatch(/X-Amz|k\.mp3\?/);
  const states = [link.createdAtMs, link.expiresAtMs].map((atMs) => linkState(link, atMs));
  expect(states).toEqual(['live', 'expired']);
  const { place } = on.remote;
  const kill = (atMs: number) => on.links.kill('k.mp3', place, atMs);
  expect([kill(5), kill(6)]).toEqual([1, 0]);
  expect(linkState(on.links.list()[0]!, 0)).toBe('dead');
});

test.each([
  ['the keys that sign it', 3_600, 60_000, { ms: 60_000, because: 'credentials' }],
  ['seven days', 999_999, undefined, { ms: 604_800_000, because: 'seven-days' }],
])(
  'a link that is asked to last longer than %s ends with them, and says so',
  async (_, seconds, keysMs, end) => {
    await using on = await open();
    const now = Date.now();
    const remote: Remote = {
      ...on.remote,
      signIn: () => signInUntil(keysMs === undefined ? undefined : now + keysMs),
    };
    const { url, link, because } = await createLink(
      { remote, links: on.links, nowMs: () => now },
      { ...request, expiresInSeconds: seconds },
      signal(),
    );
    expect({ ms: link.expiresAtMs - now, because }).toEqual(end);
    expect(Number(new URL(url).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(604_800);
  },
);

test('temporary keys that do not tell their end sign a link that may end sooner, and that stays on record', async () => {
  await using on = await open();
  const made = async (signIn: Partial<SignIn>) => {
    const known = { ...(await signInUntil(undefined)), ...signIn };
    const remote: Remote = { ...on.remote, signIn: async () => known };
    const { link } = await createLink({ ...on, remote, nowMs: Date.now }, request, signal());
    expect(on.links.list()[0]).toEqual(link);
    return link.mayEndSooner;
  };
  expect(await made({ isTemporary: true })).toBe(true);
  expect(await made({ isTemporary: false })).toBe(false);
  expect(await made({ isTemporary: true, endsAtMs: Date.now() + 7_200_000 })).toBe(false);
});

test('no link is made, and none put on record, to what is not there or with keys that have ended', async () => {
  await using on = await open();
  await expect(
    createLink({ ...on, nowMs: Date.now }, { ...request, key: 'none' }, signal()),
  ).rejects.toMatchObject({ code: 'no-object' });
  const remote: Remote = {
    ...on.remote,
    signIn: () => signInUntil(Date.now() - 1),
  };
  await expect(
    createLink({ remote, links: on.links, nowMs: Date.now }, request, signal()),
  ).rejects.toMatchObject({ code: 'sign-in-expired' });
  expect(on.links.list()).toEqual([]);
});

test('a link on record is signed once more to the same end, or to its keys’ end, and never after it', async () => {
  await using on = await open();
  const startMs = Date.now();
  const at = (laterMs: number, keysMs?: number) => ({
    ...on,
    remote: {
      ...on.remote,
      signIn: () => signInUntil(keysMs === undefined ? undefined : startMs + keysMs),
    } satisfies Remote,
    nowMs: () => startMs + laterMs,
  });
  const { link } = await createLink(at(0), request, signal());
  const again = await signAgain(at(1_800_000), link.id, signal());
  expect(again).toMatchObject({ expiresAtMs: link.expiresAtMs, mayEndSooner: false });
  expect(new URL(again.url).searchParams.get('X-Amz-Expires')).toBe('1800');
  expect(await (await fetch(again.url)).text()).toBe('sound');
  const sooner = await signAgain(at(1_800_000, 2_000_000), link.id, signal());
  expect(sooner.expiresAtMs).toBe(startMs + 2_000_000);
  const slow = (laterMs: number, tookMs: number) => {
    let spentMs = 0;
    const { remote } = at(0);
    const head: Remote['head'] = (...asked) => {
      spentMs = tookMs;
      return remote.head(...asked);
    };
    return { ...on, remote: { ...remote, head }, nowMs: () => startMs + laterMs + spentMs };
  };
  const { expiresAtMs } = await signAgain(slow(1_800_000, 30_500), link.id, signal());
  expect(expiresAtMs).toBe(link.expiresAtMs - 500);
  expect(on.links.list()).toEqual([link]);
  const ended = { code: 'usage', message: expect.stringContaining('has ended') };
  await expect(signAgain(at(3_600_000), link.id, signal())).rejects.toMatchObject(ended);
  const late = signAgain(slow(3_590_000, 20_000), link.id, signal());
  await expect(late).rejects.toMatchObject(ended);
  on.links.kill(link.key, on.remote.place, startMs);
  await expect(signAgain(at(0), link.id, signal())).rejects.toMatchObject(ended);
});

test('a link of another bucket, or of nobody knows which, is neither signed nor ended by what is connected now', async () => {
  await using on = await open();
  const { link } = await createLink({ ...on, nowMs: Date.now }, request, signal());
  const { id: _, deadAtMs: __, renewedBy: ___, ...row } = link;
  const former = on.links.insert({ ...row, place: null });
  const asked: string[] = [];
  const other: Remote = {
    ...on.remote,
    place: 'other at AWS',
    head: (key, ...rest) => {
      asked.push(key);
      return on.remote.head(key, ...rest);
    },
    signDownload: () => Promise.reject(new Error('Signed for the wrong bucket')),
  };
  const again = (of: number, remote: Remote) =>
    signAgain({ ...on, remote, nowMs: Date.now }, of, signal());
  await expect(again(link.id, other)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(on.remote.place),
  });
  await expect(again(former.id, on.remote)).rejects.toMatchObject({ code: 'usage' });
  expect(asked).toEqual([]);

  // The same key has gone in the other bucket: a copy of it, perhaps.
  await using dir = await tempDir();
  const database = openDatabase(join(dir.path, 'ledger.db'));
  const jobs = jobStore(database, Date.now);
  const objects = objectIndex(database);
  const ledger = { jobs, objects, links: on.links, removals: removalStore(database) };
  const gone = { ...other, head: () => Promise.resolve(undefined) };
  const intake = createIntake(jobs, Date.now);
  const audit = { ...ledger, remote: gone, intake, nowMs: Date.now };
  await settleGone(audit, [link.key], 'missing-in-bucket', false, signal());
  await removeObject(
    { ...other, deleteObject: () => Promise.resolve({ recoverable: false }) },
    ledger,
    link.key,
    Date.now(),
    signal(),
  );
  expect(on.links.list().map(({ deadAtMs }) => deadAtMs)).toEqual([null, null]);
  await removeObject(on.remote, ledger, link.key, Date.now(), signal());
  expect(on.links.get(link.id)?.deadAtMs).not.toBeNull();
  expect(on.links.get(former.id)?.deadAtMs).toBeNull();
  database.close();
});

test('a renewed link is a new one like it; the former one is marked, works to its own end, and nobody is reminded of it', async () => {
  await using on = await open();
  const startMs = Date.now();
  const at = (laterMs: number, limits = {}) => {
    const remote = { ...on.remote, aheadMs: () => 0, limits };
    return { ...on, remote, nowMs: () => startMs + laterMs };
  };
  const ending = (laterMs: number) =>
    on.links.endingSoon(on.remote.place, startMs + laterMs).length;
  const week = { ...request, expiresInSeconds: 604_800 };
  const { link: former, url } = await createLink(at(0), week, signal());
  await createLink(at(0), request, signal());
  // That of an hour was meant to end soon; that of another bucket cannot be renewed here.
  expect([ending(0), ending(6 * DAY_MS - 1), ending(6 * DAY_MS), ending(7 * DAY_MS)]).toEqual([
    0, 0, 1, 0,
  ]);
  expect(on.links.endingSoon('other at AWS', startMs + 6 * DAY_MS)).toEqual([]);
  // One that ends sooner than it takes the place of nothing: whoever needs it longer is still to be given one.
  const sooner = { id: former.id, expiresInSeconds: 3_600 };
  await renewLink(at(6 * DAY_MS), sooner, signal());
  expect([on.links.get(former.id), ending(6 * DAY_MS)]).toEqual([former, 1]);
  const { link } = await renewLink(at(6 * DAY_MS), { id: former.id }, signal());
  expect(link).toEqual({
    ...former,
    id: link.id,
    createdAtMs: startMs + 6 * DAY_MS,
    expiresAtMs: startMs + 13 * DAY_MS,
  });
  expect(on.links.get(former.id)).toEqual({ ...former, renewedBy: link.id });
  expect(ending(6 * DAY_MS)).toBe(0);
  expect(linkState(on.links.get(former.id)!, startMs + 6 * DAY_MS)).toBe('live');
  expect(await (await fetch(url)).text()).toBe('sound');

  // One that has ended can be renewed, too; no longer than the school allows.
  const limited = at(8 * DAY_MS, { longestLinkSeconds: 600 });
  const { link: short } = await renewLink(limited, { id: former.id }, signal());
  expect(short.expiresAtMs - short.createdAtMs).toBe(600_000);
  const other = { ...request, key: 'other.mp3', renews: former.id };
  await expect(createLink(at(0), other, signal())).rejects.toMatchObject({ code: 'usage' });
});

test('the links that end with an object are those that open it now: none that has ended, leads elsewhere, or is to another', async () => {
  const db = openDatabase(':memory:');
  const links = linkStore(db);
  const base = { mode: 'watch', createdAtMs: 1, mayEndSooner: false } as const;
  const make = (note: string, place: string | null, expiresAtMs: number, key = 'k.mp3') =>
    links.insert({ ...base, key, name: key, note, place, expiresAtMs });
  make('first', 'here', 200);
  make('second', 'here', 300);
  make('ended', 'here', 100);
  make('elsewhere', 'there', 300);
  make('of another', 'here', 300, 'l.mp3');
  make('on record without its place', null, 300);
  const notes = () => links.workingOf('k.mp3', 'here', 100).map(({ note }) => note);
  expect(notes()).toEqual(['on record without its place', 'second', 'first']);
  links.kill('k.mp3', 'here', 150);
  expect(notes()).toEqual(['on record without its place']);
});
