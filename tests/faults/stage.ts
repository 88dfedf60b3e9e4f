/** @file One engine, one watched folder, one line and one storage, all of which can be made to fail. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Switches } from '../../electron/embedded-s3/switches.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import type { WaitReason } from '../../electron/engine/watch/settle.ts';
import { settlingWords } from '../../renderer/words/states.ts';
import { remedyOf, wordsOf, type Reason } from '../../shared/troubles/catalogue.ts';
import { MIB } from '../../shared/parts.ts';
import {
  bioClass,
  countingServer,
  openTestEngine,
  randomFile,
  unfinishedUploads,
} from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { recordedParts, sentParts } from '../support/parts.ts';
import { auditAll, sha256 } from '../support/oracle.ts';
import { smallDisk } from '../support/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';

/** In one request; and in three parts. */
export const SMALL = 100_000;
export const LARGE = 17 * MIB;

/**
 * When it is tried next: `soon` this file, with a delay that grows to a quarter of an hour · `probe` one
 * file for all, likewise · `minute` one file for all, once a minute, since a person has to act ·
 * `person` not before somebody asks · `quiet` when it no longer changes · `folder` when its folder is
 * back · `name` when it is there under another name · `space` when there is room on the disk.
 */
type Next = 'soon' | 'probe' | 'minute' | 'person' | 'quiet' | 'folder' | 'name' | 'space';

/** What is to be seen of a file while a fault lasts. */
export type Seen = Readonly<{
  state: Job['state']['kind'] | 'settling' | 'skipped' | 'not-connected';
  /** `left-out`: by its name alone. */
  code: Reason | WaitReason | 'left-out';
  next: Next;
  /** The words that a person reads, as far as they are asserted. */
  says: string;
}>;

export const offline: Seen = {
  state: 'queued',
  code: 'offline',
  next: 'probe',
  says: 'The storage cannot be reached. Your recordings are safe on this computer.',
};
export type Options = Readonly<{
  /** 100 ms unless told. */
  quietMs?: number;
  /** The home's disk is a small one of its own. */
  homeBytes?: number;
  switches?: Switches;
  /** May need a server of its own before the storage on `port`, which the stack closes. */
  settings?:
    | Partial<StorageSettings>
    | ((port: number, stack: AsyncDisposableStack) => Promise<Partial<StorageSettings>>);
  wrap?: (remote: Remote) => Remote;
  /** Always nearly 1 unless told: never the shortest delay, so that what is seen lasts long enough to be looked at. */
  random?: () => number;
}>;

export type Stage = Awaited<ReturnType<typeof openStage>>;

export async function openStage(options: Options = {}) {
  const stack = new AsyncDisposableStack();
  const storage = stack.use(await countingServer(options.switches));
  const proxy = stack.use(await openFaultProxy(storage));
  const dir = stack.use(await tempDir());
  const folder = join(dir.path, 'Recordings');
  await mkdir(folder);
  let aheadMs = 0;
  const port = Number(new URL(proxy.access.endpoint).port);
  const { settings: given = {} } = options;
  const settings = typeof given === 'function' ? await given(port, stack) : given;
  const homeDisk = join(dir.path, 'home disk');
  if (options.homeBytes !== undefined) stack.use(smallDisk(homeDisk, options.homeBytes));
  const homePath = options.homeBytes === undefined ? dir.path : homeDisk;
  const app = openTestEngine(proxy.access, homePath, {
    quietMs: options.quietMs ?? 100,
    settings,
    nowMs: () => Date.now() + aheadMs,
    random: options.random ?? (() => 0.999),
    ...(options.wrap ? { wrap: options.wrap } : {}),
  });
  stack.use(app);
  const { engine } = app;
  const written = new Map<string, string[]>();
  const nowMs = () => Date.now() + aheadMs;

  /** What a job shows, in the terms of a row. */
  function seen(job: Job): Seen | undefined {
    const { state } = job;
    if (state.kind === 'held')
      return { state: 'held', code: state.reason, next: 'person', says: wordsFor(state.reason) };
    if (state.kind === 'queued' && engine.jobs.isAway(job.folderId))
      return {
        state: 'queued',
        code: 'folder-away',
        next: 'folder',
        says: wordsFor('folder-away'),
      };
    const code = 'code' in state ? state.code : null;
    if (code === null) return undefined;
    const { trouble } = engine.queue;
    const says = wordsFor(code);
    if (state.kind === 'failed') return { state: 'failed', code, next: 'person', says };
    if (trouble?.code === code) {
      const ms = trouble.nextTryAtMs - nowMs();
      if (isWithin(ms, 60_000) && ms > 40_000)
        return { state: state.kind, code, next: 'minute', says };
      if (isWithin(ms, 15 * 60_000)) return { state: state.kind, code, next: 'probe', says };
      return undefined;
    }
    return 'notBeforeMs' in state && isWithin(state.notBeforeMs - nowMs(), 15 * 60_000)
      ? { state: state.kind, code, next: 'soon', says }
      : undefined;
  }

  /** What is said of files that are no jobs, in the window's words and the command line's. */
  function outside(): Seen[] {
    const settling = engine.settling().map(({ sighting: { sizeBytes }, why, forMs }): Seen => {
      const says = settlingWords({ name: '', folder: '', sizeBytes, why, forMs });
      return { state: 'settling', code: why, next: 'quiet', says };
    });
    const skipped = app.heard.flatMap((event): Seen[] => {
      if (event.type !== 'skipped') return [];
      const { code = 'left-out', reason } = event;
      return [{ state: 'skipped', code, next: 'name', says: reason }];
    });
    const apart = app.heard.flatMap((event): Seen[] =>
      event.type === 'folder' && event.state === 'not-connected'
        ? [
            {
              state: 'not-connected',
              code: 'folder-away',
              next: 'folder',
              says: event.detail ?? '',
            },
          ]
        : [],
    );
    const crowded = settling.flatMap(({ code }) => (code === 'space' ? [waitsForSpace] : []));
    return [...settling, ...skipped, ...apart, ...crowded];
  }

  return {
    storage,
    proxy,
    app,
    dir: dir.path,
    folder,
    homeDisk,
    nowMs,
    /** At the end, before anything of the stage goes. */
    defer: (undo: () => unknown) => stack.defer(async () => void (await undo())),
    jobs: (): Job[] => engine.jobs.list(undefined, -1),
    async write(name: string, sizeBytes: number): Promise<string> {
      const path = join(folder, name);
      await randomFile(path, sizeBytes);
      await this.finished(path);
      return path;
    },
    /** What is at a path now is a version of a recording, as its writer left it. */
    async finished(path: string): Promise<void> {
      written.set(path, [...(written.get(path) ?? []), sha256(await readFile(path))]);
    },
    async start(): Promise<void> {
      await engine.addFolder(folder, bioClass);
      engine.start();
    },
    /** Waits until the one file is seen like this. */
    async sees({ says, ...expected }: Seen): Promise<void> {
      const look = () => [...this.jobs().map(seen), ...outside()];
      await expect
        .poll(look, { timeout: 30_000, interval: 20 })
        .toContainEqual({ ...expected, says: expect.stringContaining(says) });
    },
    /** The clock goes forward, and waiting is over where it was for a time. */
    later(ms: number): void {
      aheadMs += ms;
      engine.queue.tryNow();
    },
    /** Time goes by, and nobody asks for anything. */
    pass(ms: number): void {
      aheadMs += ms;
      engine.queue.pump();
    },
    async verified(files = written.size): Promise<void> {
      const kinds = () => this.jobs().map(({ state }) => state.kind);
      await expect
        .poll(
          () => {
            engine.queue.pump();
            return kinds().filter((kind) => kind === 'verified').length;
          },
          { timeout: 60_000, interval: 50 },
        )
        .toBe(files);
    },
    recordedParts: () => recordedParts(engine.jobs),
    sentParts: (from: number) => sentParts(proxy.log.slice(from)),
    /** All is over: everything is where it belongs, once, and soon nothing is left lying about. */
    async audit(): Promise<void> {
      const access = { ...storage, switches: {}, name: 'embedded' as const };
      Object.assign(storage.switches, cleared);
      // The last upload may be verified before another one, which is owed to the storage, is ended.
      await expect.poll(() => unfinishedUploads(storage), { timeout: 30_000 }).toEqual([]);
      expect(await auditAll({ access, home: app.home.path, written, isOver: true })).toEqual([]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const wordsFor = (code: Reason) => `${wordsOf(code).title}. ${remedyOf(code)}`;

const waitsForSpace: Seen = {
  state: 'settling',
  code: 'disk-full',
  next: 'space',
  says: wordsFor('disk-full'),
};

function isWithin(ms: number, mostMs: number): boolean {
  return ms > -1_000 && ms <= mostMs;
}

/** The judge is to see the storage as it is. */
const cleared: Required<Pick<Switches, 'denied' | 'missing' | 'lost' | 'sessions'>> = {
  denied: [],
  missing: [],
  lost: [],
  sessions: [],
};
