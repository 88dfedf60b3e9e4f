/** @file Links that nobody is given are not on record, alone and on a page. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { AppError } from '../../shared/errors.ts';
import { MAX_PAGE_FILES } from '../../shared/link-page.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import { createLink, createLinkPage, renewLink } from '../../electron/engine/library/share.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { historyStore } from '../../electron/engine/store/history.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { linkState, linkStore } from '../../electron/engine/store/links.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { removalStore } from '../../electron/engine/store/returns.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { signal } from '../support/engine.ts';

/** In a folder that is not there. */
const NOWHERE = join(tmpdir(), 'pansea-nowhere', 'page.html');
const choices = { expiresInSeconds: 3_600, mode: 'watch', note: '' } as const;

/** Two recordings that a window was shown. @param path Where a person says that the page is to be saved. */
async function open(path?: string) {
  const app = await openTestAppHost({
    desktop: { chooseSavePath: () => Promise.resolve(path) },
  });
  const { database, remote } = app.host.storage();
  const api = apiOf(app);
  const body = Buffer.from('sound');
  const headers = { contentType: 'audio/mpeg', metadata: {} };
  for (const key of ['a.mp3', 'b.mp3'])
    await remote.putObject(key, body, crc32(body), headers, signal());
  await api.refreshObjects({});
  const history = historyStore(database, Date.now);
  const ledger = {
    jobs: jobStore(database, Date.now),
    links: linkStore(database),
    objects: objectIndex(database),
    removals: removalStore(database),
  };
  return {
    api,
    remote,
    ledger,
    links: ledger.links,
    states: () => ledger.links.list().map((link) => `${link.key} ${linkState(link, Date.now())}`),
    told: () => history.each(null).filter(({ kind }) => kind === 'link').length,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** @param answer What the second look at an object says: that in which its link is on record. */
function withSecondLook(remote: Remote, answer: () => Promise<undefined>): Remote {
  let looks = 0;
  return { ...remote, head: (...asked) => (++looks === 2 ? answer() : remote.head(...asked)) };
}

test('a link whose recording cannot be looked at again is not on record, and the one before it is still reminded of', async () => {
  await using on = await open();
  const startMs = Date.now();
  const remote = { ...on.remote, aheadMs: () => 0 };
  const week = { ...choices, key: 'a.mp3', expiresInSeconds: 604_800 };
  const now = { remote, links: on.links, nowMs: () => startMs };
  const { link } = await createLink(now, week, signal());
  const laterMs = startMs + 6.5 * DAY_MS;
  const offline = withSecondLook(remote, () => Promise.reject(new AppError('offline')));
  const later = { remote: offline, links: on.links, nowMs: () => laterMs };
  const renewal = renewLink(later, { id: link.id }, signal());
  await expect(renewal).rejects.toMatchObject({ code: 'offline' });
  expect(on.links.list()).toEqual([link]);
  expect(on.links.endingSoon(remote.place, laterMs)).toEqual([link]);
  expect(on.told()).toBe(1);
});

test('where one recording of a page is deleted meanwhile, no link of the page works on record, and those from before do', async () => {
  await using on = await open();
  const here = { links: on.links, nowMs: Date.now, timeZone: 'UTC' };
  await createLink({ ...here, remote: on.remote }, { ...choices, key: 'a.mp3' }, signal());
  const remote: Remote = {
    ...on.remote,
    async signDownload(key, ...rest) {
      if (key === 'b.mp3') await removeObject(on.remote, on.ledger, key, Date.now(), signal());
      return on.remote.signDownload(key, ...rest);
    },
  };
  const page = createLinkPage({ ...here, remote }, ['a.mp3', 'b.mp3'], choices, signal());
  await expect(page).rejects.toMatchObject({ code: 'no-object' });
  expect(on.states()).toEqual(['b.mp3 dead', 'a.mp3 live']);
});

test('a recording that its storage does not show at once is there: no link to it is said to lead nowhere', async () => {
  await using on = await open();
  const here = { links: on.links, nowMs: Date.now };
  await createLink({ ...here, remote: on.remote }, { ...choices, key: 'a.mp3' }, signal());
  const late = withSecondLook(on.remote, () => Promise.resolve(undefined));
  await createLink({ ...here, remote: late }, { ...choices, key: 'a.mp3' }, signal());
  expect(on.states()).toEqual(['a.mp3 live', 'a.mp3 live']);
});

test('a page that no file could be opened for leaves no link on record', async () => {
  await using on = await open(NOWHERE);
  const page = on.api.saveLinkPage({ ...choices, keys: ['a.mp3', 'b.mp3'] });
  await expect(page).rejects.toMatchObject({ code: 'cannot-write' });
  expect([on.states(), on.told()]).toEqual([[], 0]);
});

test.skipIf(!existsSync('/dev/full'))(
  'a page whose writing broke off may hold addresses: its links stay on record',
  async () => {
    await using on = await open('/dev/full');
    const page = on.api.saveLinkPage({ ...choices, keys: ['a.mp3'] });
    await expect(page).rejects.toMatchObject({ code: 'cannot-write' });
    expect(on.states()).toEqual(['a.mp3 live']);
  },
);

test('a page has a hundred recordings at most', async () => {
  await using on = await open(NOWHERE);
  const keys = Array.from({ length: MAX_PAGE_FILES }, () => 'a.mp3');
  const save = (...more: string[]) => on.api.saveLinkPage({ ...choices, keys: [...keys, ...more] });
  await expect(save()).rejects.toMatchObject({ code: 'cannot-write' });
  await expect(save('b.mp3')).rejects.toMatchObject({ code: 'usage' });
});
