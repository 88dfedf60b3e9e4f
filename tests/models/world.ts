/** @file The real things that the model is held against: files, an engine on its ledger, a storage. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openEngine, type Engine } from '../../electron/engine/engine.ts';
import { openHome, type Home } from '../../electron/engine/home/home.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { folderStore, type Folder } from '../../electron/engine/store/folders.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { bioClass, countingServer, openRemote, type Counted } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openBucket } from './bucket.ts';
import { createPort, type Late, type Operation, type Port, type Rule } from './port.ts';
import { Recordings } from './recordings.ts';

const QUIET_MS = 5;
/** No wait that the engine chooses by itself is longer; a longer one is a recording that is forgotten. */
const LONGEST_WAIT_MS = 20 * 60_000;

/** An upload that another program has begun in the same class. */
export const FOREIGN_KEY = 'audio/bio-101/theirs.ogg';
const never = new AbortController().signal;

type App = Readonly<{
  engine: Engine;
  home: Home;
  port: Port;
  /** Through the port. */
  remote: Remote;
  crashed: Promise<void>;
}>;

export class World extends Recordings implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly figures = { syncs: 0, crashes: 0, tricks: 0 };
  /** With how many crashes each job was under way, by its number. */
  readonly cuts = new Map<number, number>();
  app: App | undefined;
  /** Tricks of the next engine, and of the running one. */
  #rules: Rule[] = [];
  /** What is on its way to the storage yet, of killed engines, too. */
  readonly late: Late = [];
  /** What the account may not do now. */
  readonly denied = new Set<Operation>();
  #clockOffsetMs = 0;
  #homes = 0;
  #leftovers: Promise<unknown>[] = [];
  readonly #dir: { path: string } & AsyncDisposable;
  readonly s3: Counted;
  readonly remote: Remote & Disposable;
  readonly bucket: Awaited<ReturnType<typeof openBucket>>;

  private constructor(
    dir: { path: string } & AsyncDisposable,
    s3: Counted,
    remote: Remote & Disposable,
    bucket: Awaited<ReturnType<typeof openBucket>>,
  ) {
    super(dir.path);
    this.#dir = dir;
    this.s3 = s3;
    this.remote = remote;
    this.bucket = bucket;
    mkdirSync(this.home);
  }

  static async open(): Promise<World> {
    const s3 = await countingServer();
    const remote = openRemote(s3);
    const world = new World(await tempDir(), s3, remote, await openBucket(s3, remote));
    await remote.createUpload(FOREIGN_KEY, { contentType: 'audio/ogg', metadata: {} }, never);
    const { engine } = world.open();
    await engine.addFolder(world.root, bioClass);
    return world;
  }

  get home(): string {
    return join(this.#dir.path, `home-${this.#homes}`);
  }
  readonly nowMs = (): number => Date.now() + this.#clockOffsetMs;

  addRule(rule: Rule): void {
    this.#rules.push(rule);
    this.app?.port.rules.push(rule);
  }

  forgetRules(): void {
    this.#rules = [];
    this.app?.port.rules.splice(0);
    this.denied.clear();
  }

  jumpClock(byMs: number): void {
    this.#clockOffsetMs += byMs;
  }

  open(): App {
    if (this.app) return this.app;
    const home = openHome({ path: this.home });
    const crashed = Promise.withResolvers<void>();
    const port = createPort(
      () => {
        this.crash();
        crashed.resolve();
      },
      this.late,
      this.denied,
    );
    port.rules.push(...this.#rules);
    const remote = port.wrap(this.remote);
    const engine = openEngine({
      database: home.database,
      homePath: home.path,
      remote,
      clientVersion: 'model',
      graceMs: 0,
      quietMs: QUIET_MS,
      rescanMs: 3_600_000,
      nowMs: this.nowMs,
      monotonicMs: () => performance.now(),
      random: () => 0,
      log: (level, message, fields) => {
        this.lines.push(`${level} ${message} ${JSON.stringify(fields, errorsToo)}`);
      },
    });
    this.app = { engine, home, port, remote, crashed: crashed.promise };
    return this.app;
  }

  /**
   * What a killed process leaves: the ledger's files as they are in this tick, and a storage that hears
   * nothing more of it. The engine that is left over gets no answers and can write nothing.
   */
  crash(): void {
    const { app } = this;
    if (!app) return;
    this.app = undefined;
    this.figures.crashes += 1;
    app.port.cut();
    for (const { id, state } of app.engine.jobs.list(undefined, -1))
      if (/^(?:uploading|verifying)$/.test(state.kind))
        this.cuts.set(id, (this.cuts.get(id) ?? 0) + 1);
    this.#rules = [...app.port.rules];
    const from = this.home;
    this.#homes += 1;
    mkdirSync(this.home);
    for (const name of readdirSync(from))
      if (/\.db(-wal)?$/.test(name)) copyFileSync(join(from, name), join(this.home, name));
    this.#count(app);
    app.home.database.close();
    this.#leftovers.push(app.engine.stop());
  }

  async stop(): Promise<void> {
    const { app } = this;
    if (!app) return;
    this.app = undefined;
    this.#rules = [...app.port.rules];
    this.#count(app);
    await app.engine.stop();
    app.home.close();
  }

  #count({ port }: App): void {
    for (const count of port.tricks.values()) this.figures.tricks += count;
  }

  /**
   * Scans once and works until nothing is left to do, or the storage is in trouble, or the engine
   * crashes. Waiting takes no time: while nothing runs, the clock goes on to the next attempt.
   */
  async sync(): Promise<'done' | 'crashed' | AppError> {
    const { engine, port, crashed } = this.open();
    this.figures.syncs += 1;
    const stop = new AbortController();
    const hurry = setInterval(() => this.#passTime(engine), 3);
    try {
      const limit = AbortSignal.any([stop.signal, AbortSignal.timeout(90_000)]);
      const done = engine.syncOnce(limit).then(
        () => 'done' as const,
        (error: unknown) => {
          if (error instanceof AppError || stop.signal.aborted) return error as AppError;
          throw error;
        },
      );
      const outcome = await Promise.race([done, crashed.then(() => 'crashed' as const)]);
      // The storage's trouble ends a sync at once; what was found is taken into the ledger all the same.
      while (this.app && engine.settling().length > 0 && !limit.aborted) await setTimeout(5);
      this.#rules = [...port.rules];
      return outcome;
    } finally {
      clearInterval(hurry);
      stop.abort(new Error('over'));
    }
  }

  #passTime({ jobs, queue, settling }: Engine): void {
    // A look at a file takes real time, and shorter than any wait: what is skipped must not outrun it.
    if (!this.app || settling().length > 0) return;
    const isBusy = jobs.tally().some(({ kind }) => kind === 'uploading' || kind === 'verifying');
    const next = Math.max(jobs.nextStartMs() ?? 0, queue.trouble?.nextTryAtMs ?? 0);
    const waitMs = next - this.nowMs();
    if (isBusy || waitMs <= 0 || waitMs > LONGEST_WAIT_MS) return;
    this.jumpClock(waitMs);
    queue.pump();
  }

  /** The one that is watched, as the ledger has it. */
  folder(): Folder | undefined {
    return this.app && folderStore(this.app.home.database, this.nowMs).list()[0];
  }

  jobs(): Job[] | undefined {
    return this.app?.engine.jobs.list(undefined, -1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Promise.allSettled(this.#leftovers);
    this.bucket.close();
    this.remote[Symbol.dispose]();
    await this.s3[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

function errorsToo(_: string, value: unknown): unknown {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === 'bigint' ? String(value) : value;
}
