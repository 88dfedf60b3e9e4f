/**
 * @file Questions to disks, which may never answer, such as a share whose server hangs. Node has four
 * threads for all of them, and one that waits in the kernel cannot be taken back. So each disk gets two at
 * most, and whoever asks one that has stopped answering hears that at once.
 */

/** How long a disk may take to answer one question. */
const PATIENCE_MS = 15_000;
const ABREAST = 2;

/** The disk does not answer. What was asked of it may still come to pass. */
export class Silence extends Error {
  override readonly name = 'Silence';
}

type Turn = Readonly<{ start: () => void; giveUp: (reason: unknown) => void }>;
type Disk = { asked: number; late: number; waiting: Set<Turn> };
const disks = new Map<string, Disk>();

function diskOf(name: string): Disk {
  const disk = disks.get(name) ?? { asked: 0, late: 0, waiting: new Set() };
  disks.set(name, disk);
  return disk;
}

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
  await turnAt(disk, signal);
  // One that throws before it promises anything must not keep its turn for ever.
  const answer = (async () => await question())();
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    disk.late += 1;
    wake(disk);
    reject(new Silence());
  }, limitMs).unref();
  const answered = () => {
    clearTimeout(timer);
    disk.asked -= 1;
    if (isLate) disk.late -= 1;
    wake(disk);
    // Files of an archive that are asked by their paths would stay here by the hundred thousand.
    if (disk.asked === 0 && disk.waiting.size === 0) disks.delete(name);
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
async function turnAt(disk: Disk, signal: AbortSignal | undefined): Promise<void> {
  if (disk.late > 0) throw new Silence();
  if (disk.asked < ABREAST) return void (disk.asked += 1);
  const { promise, resolve: start, reject: giveUp } = Promise.withResolvers<void>();
  const turn = { start, giveUp };
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

function wake(disk: Disk): void {
  for (const turn of disk.waiting) {
    if (disk.late === 0 && disk.asked >= ABREAST) return;
    disk.waiting.delete(turn);
    if (disk.late > 0) turn.giveUp(new Silence());
    else {
      disk.asked += 1;
      turn.start();
    }
  }
}
