/**
 * @file Questions to disks, which may never answer, such as a share whose server hangs. Node has four
 * threads for all of them, and one that waits in the kernel cannot be taken back. So each disk gets two at
 * most, and whoever asks one that has stopped answering hears that at once. On which disk a path lies that nobody
 * has seen yet is not known: all such paths together count as one disk, of which only the path that is silent
 * is refused while another of their questions can be asked. The last thread is for the first question to a known disk.
 */

/** How long a disk may take to answer one question. */
const PATIENCE_MS = 15_000;
const ABREAST = 2;
const THREADS = 4;

/** The disk does not answer. What was asked of it may still come to pass. */
export class Silence extends Error {
  override readonly name = 'Silence';
}

type Turn = Readonly<{ name: string; start: () => void; giveUp: (reason: unknown) => void }>;
/** `silent`: the names under which it was asked what it has not answered in time. */
type Disk = { isKnown: boolean; asked: number; silent: string[]; waiting: Set<Turn> };
const disks = new Map<string, Disk>();
/** Of all disks together. */
let allAsked = 0;
let allSilent = 0;

const isPath = (name: string): boolean => /[/\\]/.test(name);
const groupOf = (name: string): string => (isPath(name) ? 'paths' : name);

function diskOf(name: string): Disk {
  const group = groupOf(name);
  const disk = disks.get(group) ?? {
    isKnown: !isPath(name),
    asked: 0,
    silent: [],
    waiting: new Set(),
  };
  disks.set(group, disk);
  return disk;
}

/** What a thread is lost to counts against the threads: of paths on disks that nobody knows the others may be well. */
const isSilent = ({ isKnown, silent }: Disk, name: string): boolean =>
  silent.includes(name) || (!isKnown && allSilent >= THREADS - 1);

const mayStart = ({ isKnown, asked, silent }: Disk): boolean =>
  asked - (isKnown ? 0 : silent.length) < ABREAST &&
  (allAsked < THREADS - 1 || (isKnown && asked === 0));

export type Patience = Readonly<{
  limitMs?: number;
  /** Ends the waiting. The question itself cannot be taken back. */
  signal?: AbortSignal | undefined;
}>;

/**
 * @param name Of the disk: its device's number, as in `Sighting`.
 * @throws Silence when there is no answer within `limitMs`, or none yet to what was asked before; the
 *   signal's reason; and what the question throws.
 */
export async function ask<T>(
  name: string,
  question: () => Promise<T>,
  { limitMs = PATIENCE_MS, signal }: Patience = {},
): Promise<T> {
  signal?.throwIfAborted();
  const disk = diskOf(name);
  await turnAt(disk, name, signal);
  // One that throws before it promises anything must not keep its turn for ever.
  const answer = (async () => await question())();
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    disk.silent.push(name);
    allSilent += 1;
    wakeAll();
    reject(new Silence());
  }, limitMs).unref();
  const answered = () => {
    clearTimeout(timer);
    disk.asked -= 1;
    allAsked -= 1;
    if (isLate) {
      disk.silent.splice(disk.silent.indexOf(name), 1);
      allSilent -= 1;
    }
    wakeAll();
    if (disk.asked === 0 && disk.waiting.size === 0) disks.delete(groupOf(name));
  };
  answer.then(answered, answered);
  const stop = () => reject(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    return await Promise.race([answer, givenUp]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** In the order of asking. */
async function turnAt(disk: Disk, name: string, signal: AbortSignal | undefined): Promise<void> {
  if (isSilent(disk, name)) throw new Silence();
  if (mayStart(disk)) return started(disk);
  const { promise, resolve: start, reject: giveUp } = Promise.withResolvers<void>();
  const turn = { name, start, giveUp };
  const stop = () => {
    if (disk.waiting.delete(turn)) giveUp(signal?.reason);
  };
  disk.waiting.add(turn);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await promise;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function started(disk: Disk): void {
  disk.asked += 1;
  allAsked += 1;
}

function wakeAll(): void {
  for (const disk of disks.values()) wake(disk);
}

function wake(disk: Disk): void {
  const isAnySilent = disk.silent.length > 0;
  for (const turn of disk.waiting) {
    const isRefused = isSilent(disk, turn.name);
    if (!isRefused && !mayStart(disk)) {
      if (isAnySilent) continue;
      return;
    }
    disk.waiting.delete(turn);
    if (isRefused) turn.giveUp(new Silence());
    else {
      started(disk);
      turn.start();
    }
  }
}
