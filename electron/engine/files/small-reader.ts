/** @file A thread that reads the small files of one disk: see small-files.ts. */
import { ask } from './disks.ts';
import { gather } from './gather.ts';
import { NUMBERS, serve, type Answered, type Failed, type Wanted } from './read-many.ts';
import { READ_FLAGS, READ_MS, type Shown } from './source.ts';
import { startThread } from './thread.ts';
import type { FileVersion } from '../store/jobs.ts';

/** A question takes no longer on a slow disk: a question is what is waited for, and a slow disk is no silent one. */
const QUESTION_MS = 1_000;
/** A thread of which nothing is open for so long ends. */
const REST_MS = 5_000;
/** What is closed within so much time is one message to the thread. */
const CLOSE_MS = 10;

/** A file that a thread has taken, and holds open. */
export type Taken = Readonly<{
  /** Made anew each time: a file is held longer than the collector leaves alone what is new. */
  opened: () => Shown;
  afterwards: () => Shown;
  body: Uint8Array<ArrayBuffer>;
  sha256: string;
  crc32: number;
  failed: ReadError | undefined;
  look: () => Promise<Shown>;
  close: () => void;
  /** As `WholeSource.giveBack`. */
  giveBack: () => void;
}>;

export type Reader = Readonly<{
  take: (versions: readonly FileVersion[]) => Promise<Taken[]>;
  /** What it holds open is closed. */
  end: () => void;
}>;

/** @param onEnd It takes no more files. */
export function startReader(device: string, onEnd: () => void): Reader {
  const thread = startThread<Wanted, Answered>(
    serve,
    ['fs', 'crypto', 'zlib'],
    [READ_FLAGS, QUESTION_MS],
    onEnd,
  );
  const closing: number[] = [];
  const given: ArrayBuffer[] = [];
  let open = 0;
  let asked = 0;
  const resting = setTimeout(() => {
    if (open + asked === 0) thread.end();
  }, REST_MS).unref();

  async function put(wanted: Wanted, transfer?: ArrayBuffer[]): Promise<Answered> {
    asked += 1;
    try {
      return await thread.ask(wanted, transfer);
    } finally {
      asked -= 1;
      resting.refresh();
    }
  }

  /** Nobody waits for it. */
  function close(file: number): void {
    if (closing.push(file) > 1) return;
    setTimeout(() => {
      const [files, bodies] = [closing.splice(0), given.splice(0)];
      open -= files.length;
      put({ kind: 'close', files, bodies }, bodies).catch(() => {});
    }, CLOSE_MS);
  }

  const look = gather(
    ({ length }) => length,
    async (files: readonly number[]) => {
      const answer = await ask(device, () => put({ kind: 'look', files }), { limitMs: READ_MS });
      return files.map((_, i) => errorIn(answer, i) ?? shownIn(answer, i));
    },
  );

  function takenIn(answer: Answered): Taken[] {
    return answer.files.map((file, i): Taken => {
      const failed = errorIn(answer, i);
      if (!failed) open += 1;
      const body = answer.bodies[i]!;
      return {
        opened: () => shownIn(answer, 2 * i),
        afterwards: () => shownIn(answer, 2 * i + 1),
        body,
        sha256: answer.sha256[i]!,
        crc32: answer.crc32[i]!,
        failed,
        async look() {
          const shown = await look(file);
          if (shown instanceof Error) throw shown;
          return shown;
        },
        giveBack: () => void given.push(body.buffer),
        close: () => {
          if (!failed) close(file);
        },
      };
    });
  }

  return {
    async take(versions) {
      const paths = versions.map(({ path }) => path);
      const sizes = versions.map(({ sizeBytes }) => sizeBytes);
      let taking: Promise<Taken[]> | undefined;
      const question = () => (taking = put({ kind: 'take', paths, sizes }).then(takenIn));
      try {
        return await ask(device, question, { limitMs: READ_MS });
      } catch (error) {
        // They may be taken after all, when nobody wants them any more.
        taking?.then((taken) => taken.forEach((each) => each.close())).catch(() => {});
        throw error;
      }
    },
    end: thread.end,
  };
}

export type ReadError = Error & Omit<Failed, 'message'>;

function errorIn({ failed }: Answered, i: number): ReadError | undefined {
  const each = failed.get(i);
  return each && Object.assign(new Error(each.message), each);
}

function shownIn({ shown }: Answered, i: number): Shown {
  const at = (n: number): bigint => shown[i * NUMBERS + n]!;
  return {
    mode: at(0),
    size: at(1),
    mtimeNs: at(2),
    ctimeNs: at(3),
    dev: at(4),
    ino: at(5),
    nlink: at(6),
  };
}
