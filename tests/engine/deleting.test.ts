/** @file Deleting in the storage: what becomes of it is noted, whoever hears the answer. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import { ledgerOf } from '../../electron/engine/library/bring-back.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import { createLink } from '../../electron/engine/library/share.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { stateColumns, stateValues } from '../../electron/engine/store/job-row.ts';
import { linkState, linkStore } from '../../electron/engine/store/links.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { createClient } from '../../shared/api.ts';
import { AppError } from '../../shared/errors.ts';
import type { JobState } from '../../shared/job.ts';
import { MIB } from '../../shared/parts.ts';
import { openTestAppHost } from '../support/app-host.ts';
import { storageEnv } from '../support/cli.ts';
import {
  countingServer,
  hang,
  keysOf,
  openRemote,
  openTestEngine,
  randomFile,
  signal,
  toBio,
  type TestEngine,
} from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { openServing } from '../serve/serving.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A recording that is stored, and has a link. */
async function openStored() {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const dir = stack.use(await tempDir());
  const path = join(dir.path, 'a.mp4');
  await randomFile(path, 100_000);
  const { engine, home, remote } = stack.use(openTestEngine(s3, dir.path, { quietMs: 30 }));
  const [job] = await engine.uploadNow([path], toBio, signal());
  if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
  const links = linkStore(home.database);
  const key = job.key!;
  const { place } = remote;
  const link = { place, key, name: 'a.mp4', mode: 'watch', note: null } as const;
  const [createdAtMs, expiresAtMs] = [Date.now(), Date.now() + 3_600_000];
  links.insert({ ...link, mayEndSooner: false, createdAtMs, expiresAtMs });
  return {
    remote,
    key,
    ledger: { ...ledgerOf(home.database, engine.jobs, Date.now), links },
    state: () => engine.jobs.get(job.id)?.state,
    setState: (state: JobState) =>
      void home.database
        .prepare(`UPDATE jobs SET ${stateColumns} WHERE id = ?`)
        .run(...stateValues(state), job.id),
    isLinkDead: () => links.list()[0]?.deadAtMs !== null,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const deleted = { kind: 'dropped', why: 'deleted' };

test('a deletion whose answer was lost is told as done once the storage says so, and the ledger knows', async () => {
  await using on = await openStored();
  const lossy = (isDone: boolean): Remote => ({
    ...on.remote,
    async deleteObject(key, stop) {
      if (isDone) await on.remote.deleteObject(key, stop);
      throw new AppError('offline', 'The answer was lost');
    },
  });
  const remove = (isDone: boolean) =>
    removeObject(lossy(isDone), on.ledger, on.key, Date.now(), signal());
  await expect(remove(false)).rejects.toMatchObject({ code: 'offline' });
  expect([on.state()?.kind, on.isLinkDead()]).toEqual(['verified', false]);
  expect(await remove(true)).toEqual({ recoverable: false });
  expect([on.state(), on.isLinkDead()]).toEqual([deleted, true]);
});

test('a link that is made while its recording is being deleted leads nowhere, and is not handed out as one that works', async () => {
  await using on = await openStored();
  const { links } = on.ledger;
  const remote: Remote = {
    ...on.remote,
    // After its object was looked at, and before it is on record.
    async signDownload(...asked) {
      await removeObject(on.remote, on.ledger, on.key, Date.now(), signal());
      return on.remote.signDownload(...asked);
    },
  };
  const request = { key: on.key, mode: 'watch' } as const;
  const made = createLink({ remote, links, nowMs: Date.now }, request, signal());
  await expect(made).rejects.toMatchObject({ code: 'no-object' });
  expect(links.list().map((link) => linkState(link, Date.now()))).toEqual(['dead', 'dead']);
});

test('who stops waiting for a deletion that the storage has done finds it noted, and its links dead', async () => {
  await using on = await openStored();
  const gone = new AbortController();
  const remote: Remote = {
    ...on.remote,
    async deleteObject(key, stop) {
      const answer = await on.remote.deleteObject(key, stop);
      gone.abort(new Error('The client has gone'));
      stop.throwIfAborted();
      return answer;
    },
  };
  await removeObject(remote, on.ledger, on.key, Date.now(), gone.signal).catch(() => {});
  expect(await on.remote.head(on.key, signal())).toBeUndefined();
  expect([on.state(), on.isLinkDead()]).toEqual([deleted, true]);
});

test.each(['window', 'route'] as const)(
  'a deletion by the %s that is under way when the library is closed is noted before its ledger is',
  async (by) => {
    await using s3 = await countingServer();
    await using proxy = await openFaultProxy(s3);
    await using app = await openTestAppHost({ env: storageEnv(proxy.access), quietMs: 30 });
    const { host, folder, homePath } = app;
    const api = createClient(host.serve);
    await writeFile(join(folder, 'a.mp3'), 'sound');
    await api.saveFolder({ path: folder, rule: { ...toBio, include: [], exclude: [] } });
    const done = async () => (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
    await expect.poll(done).toHaveLength(1);
    const key = (await done())[0]!.key!;
    await api.createLink({ key, expiresInSeconds: 600, mode: 'watch', note: '' });

    let stopped: Promise<void> | undefined;
    // The answer comes once the host has stopped, or waits for it.
    const run = () => Promise.race([(stopped = host.stop()), delay(500)]);
    const action = { kind: 'call', of: 'response', bytes: 0, run } as const;
    proxy.add({ match: 'DeleteObject', action });
    const route = `${app.url.split('/#')[0]}/api/v1/s3/file/${key}`;
    const headers = { authorization: `Bearer ${app.token}` };
    const ways = {
      window: () => api.deleteObject({ key }),
      route: async () => (await fetch(route, { method: 'DELETE', headers })).json(),
    };
    expect(await ways[by]()).toMatchObject({ recoverable: false });
    await stopped;
    const home = lockHome({ path: homePath });
    const [job] = jobStore(home.database, Date.now).ofObject(key);
    const [link] = linkStore(home.database).list();
    home.close();
    expect([job?.state, link?.deadAtMs]).toEqual([deleted, expect.any(Number)]);
  },
);

test.each(['failed', 'verifying'] as const)(
  'what is deleted before it was shown to be right (%s) is not sent again by itself, nor by a retry of all',
  async (kind) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    await randomFile(path, 12 * MIB);
    const { promise: isOver, resolve: goOn } = Promise.withResolvers<void>();
    let isStored = false;
    const wrap = (remote: Remote): Remote => ({
      ...remote,
      async completeUpload(...args) {
        await remote.completeUpload(...args);
        isStored = true;
      },
      async head(...args) {
        if (isStored && kind === 'failed') throw new AppError('read-denied', 'no GetObject');
        if (isStored) await isOver;
        return remote.head(...args);
      },
    });
    await using app = openTestEngine(s3, dir.path, { quietMs: 30, random: () => 0, wrap });
    const { jobs, decisions, queue } = app.engine;
    const ended = app.engine.uploadNow([path], toBio, signal());
    await expect.poll(() => jobs.list(kind, 1)).toHaveLength(1);
    const [job] = jobs.list(kind, 1);
    const { database } = app.home;
    const ledger = ledgerOf(database, jobs, Date.now);
    using remote = openRemote(s3);
    await removeObject(remote, ledger, job!.key!, Date.now(), signal());
    isStored = false;
    goOn();
    expect(decisions.retry({ ids: [] })).toBe(0);
    queue.pump();
    await ended;
    await queue.idle(0, signal());
    expect(jobs.get(job!.id)?.state).toEqual(deleted);
    expect(await keysOf(remote)).toEqual([]);
  },
);

test('what a kill has left on its way, and is deleted before anything runs again, is noted', async () => {
  await using on = await openStored();
  on.setState({ kind: 'uploading', attempts: 1, upload: null, sentBytes: 0 });
  await removeObject(on.remote, on.ledger, on.key, Date.now(), signal());
  expect(on.state()).toEqual(deleted);
});

type Deleting = (remote: Remote, app: TestEngine, key: string) => Promise<unknown>;

const byWindow: Deleting = (remote, { engine: { jobs, queue }, home: { database } }, key) => {
  const ledger = { ...ledgerOf(database, jobs, Date.now), queue };
  return removeObject(remote, ledger, key, Date.now(), signal());
};

async function byRoute(...[remote, app, key]: Parameters<Deleting>): Promise<void> {
  const { queue } = app.engine;
  await using serving = await openServing({ of: { remote, queue, home: app.home } });
  const { status } = await serving.ask(`/api/v1/s3/file/${key}`, { method: 'DELETE' });
  expect(status).toBe(200);
}

/** As the command line does it beside an app: it cannot stop what the app has under way. */
const byOtherProcess: Deleting = async (remote, { home: { path } }, key) => {
  const home = openHome({ path });
  const { database } = home;
  const jobs = jobStore(database, Date.now);
  const ledger = ledgerOf(database, jobs, Date.now);
  await removeObject(remote, ledger, key, Date.now(), signal());
  home.close();
};

/** The storage does it, and the line is lost before it says so. */
const unheard: Deleting = async (remote, app, key) => {
  let isAway = false;
  const lossy: Remote = {
    ...remote,
    async deleteObject(...asked) {
      await remote.deleteObject(...asked);
      isAway = true;
      throw new AppError('offline', 'The line was lost');
    },
    head: (...asked) => (isAway ? Promise.reject(new AppError('offline')) : remote.head(...asked)),
  };
  await expect(byWindow(lossy, app, key)).rejects.toMatchObject({ code: 'offline' });
};

test.each([
  { kind: 'queued', by: unheard },
  { kind: 'uploading', by: unheard },
  { kind: 'queued', by: byWindow },
  { kind: 'uploading', by: byWindow },
  { kind: 'uploading', by: byRoute },
  { kind: 'uploading', by: byOtherProcess },
] as const)(
  'what is deleted although no answer told that it had been stored ($kind, $by.name) is not sent again',
  async ({ kind, by }) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    await randomFile(path, 100_000);
    const { promise: looked, resolve: looks } = Promise.withResolvers<void>();
    const { promise: isOver, resolve: goOn } = Promise.withResolvers<void>();
    let isStored = false;
    const wrap = (remote: Remote): Remote => ({
      ...remote,
      async putObject(...args) {
        await remote.putObject(...args);
        if (isStored) throw new Error('It was sent again');
        isStored = true;
        throw new AppError('offline', 'The answer was lost');
      },
      async head(key, stop) {
        if (isStored) {
          looks();
          await Promise.race([isOver, hang(stop)]);
        }
        return remote.head(key, stop);
      },
    });
    await using app = openTestEngine(s3, dir.path, { quietMs: 30, random: () => 0, wrap });
    const { jobs, queue } = app.engine;
    const ended = app.engine.uploadNow([path], toBio, signal());
    await looked;
    const [job] = jobs.list('uploading', 1);
    queue.setPaused(kind === 'queued');
    await expect.poll(() => jobs.get(job!.id)?.state.kind).toBe(kind);
    using remote = openRemote(s3);
    await by(remote, app, job!.key!);
    goOn();
    queue.setPaused(false);
    queue.tryNow();
    await ended;
    await queue.idle(0, signal());
    expect(jobs.get(job!.id)?.state).toEqual(deleted);
    expect(await keysOf(remote)).toEqual([]);
  },
);
