/** @file One engine, one watched folder, one line and one storage, all of which can be made to fail. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Switches } from '../../electron/embedded-s3/switches.ts';
import type { StorageSettings } from '../../electron/engine/s3/client.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import { remedyOf, wordsOf } from '../../shared/catalogue.ts';
import type { ErrorCode } from '../../shared/errors.ts';
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
import { tempDir } from '../support/temp-dir.ts';

/** In one request; and in three parts. */
export const SMALL = 100_000;
export const LARGE = 17 * MIB;

/**
 * When it is tried next: `soon` this file, with a delay that grows to a quarter of an hour · `probe` one
 * file for all, likewise · `minute` one file for all, once a minute, since a person has to act ·
 * `person` not before somebody asks.
 */
type Next = 'soon' | 'probe' | 'minute' | 'person';

/** What is to be seen of a file while a fault lasts. */
export type Seen = Readonly<{
  state: Job['state']['kind'];
  code: ErrorCode;
  next: Next;
  /** The words that a person reads, as far as they are asserted. */
  says: string;
}>;

export type Options = Readonly<{
  switches?: Switches;
  settings?: Partial<StorageSettings>;
  wrap?: (remote: Remote) => Remote;
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
  const app = openTestEngine(proxy.access, dir.path, {
    quietMs: 100,
    nowMs: () => Date.now() + aheadMs,
    // Never the shortest delay: what is seen lasts long enough to be looked at.
    random: () => 0.999,
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.wrap ? { wrap: options.wrap } : {}),
  });
  stack.use(app);
  const { engine } = app;
  const written = new Map<string, string[]>();
  const nowMs = () => Date.now() + aheadMs;

  /** What a job shows, in the terms of a row. */
  function seen(job: Job): Seen | undefined {
    const { state } = job;
    const code = 'code' in state ? state.code : null;
    if (code === null) return undefined;
    const { trouble } = engine.queue;
    const says = `${wordsOf(code).title}. ${remedyOf(code)}`;
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

  return {
    storage,
    proxy,
    app,
    folder,
    nowMs,
    jobs: (): Job[] => engine.jobs.list(undefined, -1),
    async write(name: string, sizeBytes: number): Promise<string> {
      const path = join(folder, name);
      const bytes = await randomFile(path, sizeBytes);
      written.set(path, [...(written.get(path) ?? []), sha256(bytes)]);
      return path;
    },
    async start(): Promise<void> {
      await engine.addFolder(folder, bioClass);
      engine.start();
    },
    /** Waits until the one file is seen like this. */
    async sees({ says, ...expected }: Seen): Promise<void> {
      const look = () => this.jobs().map(seen);
      await expect
        .poll(look, { timeout: 30_000, interval: 20 })
        .toContainEqual({ ...expected, says: expect.stringContaining(says) });
    },
    /** The clock goes forward, and waiting is over where it was for a time. */
    later(ms: number): void {
      aheadMs += ms;
      engine.queue.tryNow();
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
