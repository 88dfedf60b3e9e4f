import { judgeFile } from '../container/judge.ts';
import type { Verdict } from '../container/verdict.ts';
import { HEAD_BYTES } from '../container/sort.ts';
import { AppError } from '#shared/errors.ts';
import { SINGLE_PUT_BYTES } from '#shared/parts.ts';
import { GRACE_MS } from '../defaults.ts';
import { ask, Silence } from '../files/disks.ts';
import { createLooks, type Looks } from './looks.ts';
import { foundAt, type Found, type Sighting } from './scan.ts';
import { isMutant } from '../test-hooks.ts';
import { openForWriting } from './writers.ts';

/**
 * Why a file is waited for: it was `changing` when it was last looked at · a program has it `open` for
 * writing · it is quiet but looks `unfinished`, and its recorder may go on · it has settled, and the home's
 * disk has no `space` for it in the ledger.
 */
export type WaitReason = 'changing' | 'open' | 'unfinished' | 'space';
export type Settling = Readonly<{ sighting: Sighting; why: WaitReason; forMs: number }>;

export type SettleOptions = Readonly<{
  /** How long size, mtime and ctime must have stayed the same. */
  quietMs: number;
  /** How long after its last change a file that looks unfinished is waited for. */
  graceMs?: number | undefined;
  /** A clock that never jumps: settling must not depend on the time of day. */
  monotonicMs: () => number;
  /** Only for telling how old a file's last change is, Unix milliseconds. */
  nowMs?: (() => number) | undefined;
  /** What a quiet file's name, size and bytes say; by the bytes alone unless told. */
  judge?: ((sighting: Sighting) => Promise<Verdict>) | undefined;
  /** The same as far as its first bytes tell, or without any of them: `undefined` where `judge` has to. */
  judgeHead?: ((sighting: Sighting, head: Buffer | undefined) => Verdict | undefined) | undefined;
  /**
   * A large file has been the same for half of its quiet time, and looks finished. Told once while it is
   * waited for: one that goes on growing now and then must not be read again and again.
   */
  onHalfQuiet?: ((sighting: Sighting) => void) | undefined;
  onSettled: (sighting: Sighting, verdict: Verdict) => void | Promise<void>;
  /** After each look that did not end the wait. `isNews`: unlike the last one, or the first. */
  onWaiting: (sighting: Sighting, why: WaitReason, isNews: boolean) => void;
  onGone: (path: string) => void;
  /** A settled file could not be taken in. It is tried again after another quiet time. */
  onError: (path: string, error: unknown) => void;
}>;

/** Files of one disk that are looked at together: one question to it, and what has settled is one commit of the ledger. */
const TOGETHER = 256;

/** `seenMs` when it was first seen, `sinceMs` since when it is the same, `nextMs` when it is looked at: on the monotonic clock. */
type Waiting = Readonly<{
  sighting: Sighting;
  why: WaitReason;
  seenMs: number;
  sinceMs: number;
  nextMs: number;
  /** In the middle of its quiet time it is looked at · that is told. */
  half: 'looked at' | 'told' | undefined;
}>;

/**
 * Waits until files stop changing. The watcher's and the scan's sightings come in alike; a file leaves
 * when two looks at least `quietMs` apart, and all between, saw the same size, mtime and ctime, and no
 * process is known to have it open for writing. One that looks unfinished by its own bytes stays for
 * `graceMs`, and then leaves with that verdict.
 */
export function createSettle(options: SettleOptions) {
  const { quietMs, graceMs = GRACE_MS, nowMs = Date.now, monotonicMs } = options;
  const { judge = judgeFile, judgeHead, onHalfQuiet, onSettled } = options;
  const { onWaiting, onGone, onError } = options;
  const waiting = new Map<string, Waiting>();
  let timer: NodeJS.Timeout | undefined;
  let checking = false;
  let stopped = false;

  function observe(sighting: Sighting): void {
    if (stopped) return;
    // Bug 13: a file that is there when the watcher begins is finished, as chokidar's awaitWriteFinish has it.
    if (isMutant(13)) return void take(sighting, { kind: 'unknown' });
    const known = waiting.get(sighting.path);
    if (known && isSame(known.sighting, sighting)) return;
    wait(sighting, 'changing', monotonicMs());
    arm();
  }

  /** Looks again after a quiet time, in which a recorder may go on. */
  function wait(sighting: Sighting, why: WaitReason, sinceMs: number): void {
    const known = waiting.get(sighting.path);
    const now = monotonicMs();
    const seenMs = known?.seenMs ?? now;
    const half = known?.half === 'told' ? 'told' : lookAtHalf(sighting, why);
    const nextMs = now + (half === 'looked at' ? quietMs / 2 : quietMs);
    waiting.set(sighting.path, { sighting, why, seenMs, sinceMs, nextMs, half });
    onWaiting(sighting, why, known?.why !== why || !isSame(known.sighting, sighting));
  }

  function lookAtHalf({ sizeBytes }: Sighting, why: WaitReason): 'looked at' | undefined {
    const isLarge = onHalfQuiet !== undefined && sizeBytes > SINGLE_PUT_BYTES;
    return isLarge && why === 'changing' && quietMs > 0 ? 'looked at' : undefined;
  }

  /** One timer for all files, at the time when the first of them may be quiet. */
  function arm(): void {
    if (stopped || checking || timer !== undefined || waiting.size === 0) return;
    let first = Infinity; // Not Math.min: a folder may hold more files than a call takes arguments.
    for (const { nextMs } of waiting.values()) first = Math.min(first, nextMs);
    timer = setTimeout(
      () => {
        timer = undefined;
        void check();
      },
      // A timer knows whole milliseconds: half of one too soon, it would come again 10 later.
      Math.max(10, Math.ceil(first - monotonicMs()) + 1),
    );
  }

  async function take(sighting: Sighting, verdict: Verdict): Promise<void> {
    try {
      await onSettled(sighting, verdict);
      // It may have been seen to change meanwhile.
      if (waiting.get(sighting.path)?.sighting === sighting) waiting.delete(sighting.path);
    } catch (error) {
      if (stopped) return;
      const isFull = error instanceof AppError && error.code === 'disk-full';
      wait(sighting, isFull ? 'space' : 'changing', monotonicMs());
      onError(sighting.path, error);
    }
  }

  /** Whether its recorder has had its time: by our own clock, or the file was old when we first saw it. */
  function isGraceOver({ sighting, sinceMs }: Waiting): boolean {
    if (monotonicMs() - sinceMs >= graceMs) return true;
    const changedMs = Math.max(msOf(sighting.mtimeNs), msOf(sighting.ctimeNs));
    return nowMs() - changedMs >= graceMs;
  }

  async function check(): Promise<void> {
    checking = true;
    const due = [...waiting.values()].filter(({ nextMs }) => monotonicMs() >= nextMs);
    // Side by side: a disk that does not answer keeps the files of no other waiting.
    const disks = new Set(due.map(({ sighting }) => sighting.device));
    const onDisk = (disk: string) => due.filter(({ sighting }) => sighting.device === disk);
    await Promise.all([...disks].map((disk) => checkDisk(disk, onDisk(disk))));
    checking = false;
    arm();
  }

  async function checkDisk(disk: string, entries: readonly Waiting[]): Promise<void> {
    // Asked before the look: who opens the file later changes it later, and is seen then.
    const paths = entries.map(({ sighting }) => sighting.path);
    const written = await ask(disk, () => openForWriting(paths)).catch(() => new Set<string>());
    using looks = createLooks();
    let before: Promise<unknown> = Promise.resolve();
    for (let done = 0; done < entries.length;) {
      const some = entries.slice(done, done + TOGETHER);
      const found = await lookAt(disk, looks, some);
      const heads = await readHeads(disk, looks, found, written);
      const checked = Promise.all(
        found.map((each, i) => checkNext(disk, some[i]!, each, written, heads)),
      );
      await before; // The disk is asked for the next ones while the ledger writes these.
      if (stopped) return;
      before = checked;
      done += found.length;
    }
    await before;
  }

  /** What is there now, or why nobody can say. */
  async function lookAt(
    disk: string,
    looks: Looks,
    entries: readonly Waiting[],
  ): Promise<readonly (Found | { error: unknown })[]> {
    const paths = entries.map(({ sighting }) => sighting.path);
    try {
      const seen = await ask(disk, () => looks.at(paths));
      return seen.map((each, i) => foundAt(paths[i]!, each));
    } catch (error) {
      return paths.map(() => ({ error }));
    }
  }

  /** First bytes of many, where they are wanted and a thread reads them; the others are read one by one. */
  async function readHeads(
    disk: string,
    looks: Looks,
    found: readonly (Found | { error: unknown })[],
    written: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, Buffer>> {
    const quiet = found.flatMap((each) => {
      if ('error' in each || each.kind === 'skipped') return [];
      const { sighting } = each;
      const known = waiting.get(sighting.path);
      const isQuiet = known && isSame(known.sighting, sighting) && !written.has(sighting.path);
      return isQuiet && judgeHead && !judgeHead(sighting, undefined) ? [sighting.path] : [];
    });
    const heads = await ask(disk, () => looks.heads(quiet, HEAD_BYTES)).catch(() => []);
    return new Map(heads.map((head, i) => [quiet[i]!, head]));
  }

  async function checkNext(
    disk: string,
    entry: Waiting,
    found: Found | { error: unknown },
    written: ReadonlySet<string>,
    heads: ReadonlyMap<string, Buffer>,
  ): Promise<void> {
    const { sighting, why, sinceMs } = entry;
    try {
      if ('error' in found) throw found.error;
      await checkFile(disk, entry, found, written, heads.get(sighting.path));
    } catch (error) {
      if (stopped) return;
      // It is looked at again. What could not be read says nothing about the others.
      wait(sighting, why, sinceMs);
      if (!(error instanceof Silence)) onError(sighting.path, error);
    }
  }

  async function checkFile(
    disk: string,
    entry: Waiting,
    found: Found,
    written: ReadonlySet<string>,
    head: Buffer | undefined,
  ): Promise<void> {
    const { sighting, sinceMs } = entry;
    if (stopped) return;
    if (found.kind === 'skipped') {
      waiting.delete(sighting.path);
      onGone(sighting.path);
    } else if (written.has(sighting.path)) wait(found.sighting, 'open', monotonicMs());
    else if (!isSame(found.sighting, sighting)) observe(found.sighting);
    else {
      const verdict = judgeHead?.(sighting, head) ?? (await ask(disk, () => judge(sighting)));
      if (stopped) return;
      if (entry.half === 'looked at') atHalf(entry, looksFinished(verdict));
      else if (!mayGoOn(verdict) || isGraceOver(entry)) await take(sighting, verdict);
      else wait(sighting, 'unfinished', sinceMs);
    }
  }

  function atHalf(entry: Waiting, isTold: boolean): void {
    const { sighting, nextMs } = entry;
    // It may have been seen to change meanwhile.
    if (waiting.get(sighting.path) !== entry) return;
    const half = isTold ? 'told' : undefined;
    waiting.set(sighting.path, { ...entry, nextMs: nextMs + quietMs / 2, half });
    if (isTold) onHalfQuiet?.(sighting);
  }

  return {
    observe,
    /** Whether a file is looked at again, other than as `taken`: it has changed since that was. */
    waitsFor(path: string, taken?: Sighting): boolean {
      const sighting = waiting.get(path)?.sighting;
      return sighting !== undefined && sighting !== taken;
    },
    get size() {
      return waiting.size;
    },
    list: (): Settling[] =>
      [...waiting.values()].map(({ sighting, why, seenMs }) => ({
        sighting,
        why,
        forMs: monotonicMs() - seenMs,
      })),
    stop(): void {
      stopped = true;
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

/** Whether its recorder may yet make it one that can be taken. */
function mayGoOn(verdict: Verdict): boolean {
  if (verdict.kind === 'kept') return verdict.hold.reason === 'under-limit';
  return !looksFinished(verdict);
}

function looksFinished({ kind }: Verdict): boolean {
  return kind === 'complete' || kind === 'unknown';
}

/** Nanoseconds as text to milliseconds. */
function msOf(ns: string): number {
  return Number(BigInt(ns) / 1_000_000n);
}

function isSame(a: Sighting, b: Sighting): boolean {
  return (
    a.sizeBytes === b.sizeBytes &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.inode === b.inode
  );
}
