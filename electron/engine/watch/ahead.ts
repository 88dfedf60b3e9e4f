/**
 * @file Large files are fingerprinted while they settle, in the second half of their quiet time: when it is
 * over, sending begins at once. It is kept in memory, of no more than can be read meanwhile, and each is used
 * once; where it is not there, or of another version, the file is read as any other.
 */
import { partBytesFor, planParts } from '#shared/parts.ts';
import { fingerprintLarge, HASHED_BYTES_A_MS } from '../files/large-files.ts';
import { createTurns, unlessAborted } from '../waiting.ts';
import { openSource, type Shown, type Source } from '../files/source.ts';
import type { Print } from '../files/fingerprint.ts';
import type { Sighting } from './scan.ts';

/** So many are taken however large they are. */
const FEW = 4;

type Found = Readonly<{ version: string; print: Print }>;
type Ahead = {
  readonly sizeBytes: number;
  readonly found: Promise<Found | undefined>;
  reading: 'waits' | 'runs' | 'is over';
};

type AheadOptions = Readonly<{
  /** How soon a file may be sent, from when it is begun. */
  inMs: number;
  /** Whether it may be sent then. */
  isWanted: (path: string) => boolean;
  stopping: AbortSignal;
}>;

export type AheadOf = ReturnType<typeof createAhead>;

export function createAhead({ inMs, isWanted, stopping }: AheadOptions) {
  const known = new Map<string, Ahead>();
  /** Files of a disk are read one after the other, in the order in which they came to rest. */
  const turns = createTurns();

  function hasRoomFor(sizeBytes: number): boolean {
    let bytes = sizeBytes;
    for (const other of known.values()) bytes += other.sizeBytes;
    return known.size < FEW || bytes <= inMs * HASHED_BYTES_A_MS;
  }

  async function read(
    { path, sizeBytes, ...sighting }: Sighting,
    dueMs: number,
    isStill: () => boolean,
  ) {
    const version = { path, sizeBytes, mtimeNs: sighting.mtimeNs, file: sighting };
    await using source = await openSource(version, stopping);
    const partBytes = partBytesFor(sizeBytes);
    const file: Source['file'] = {
      ...source.file,
      // Before each question: it stops at the first sign of a change, or when nobody wants it any more.
      async lend(put) {
        if (!isStill()) throw new Error('Not wanted any more');
        return source.file.lend(put);
      },
    };
    const parts = planParts(sizeBytes, partBytes);
    const leftMs = Math.max(0, dueMs - performance.now());
    const print = await fingerprintLarge(file, parts, stopping, leftMs);
    await source.assertUnchanged();
    return { version: versionOf(source.opened, partBytes), print };
  }

  return {
    /** Resolves when it is read, or is not going to be. Why not is found out again by who sends it. */
    async begin(sighting: Sighting): Promise<void> {
      const { path, sizeBytes, device } = sighting;
      for (const [other, { reading }] of known)
        if (reading === 'is over' && !hasRoomFor(sizeBytes)) known.delete(other);
      if (!hasRoomFor(sizeBytes) || !isWanted(path)) return;
      const dueMs = performance.now() + inMs;
      const isStill = () => known.get(path) === ahead && isWanted(path);
      const begin = async () => {
        using _ = await turns.take(device, stopping);
        ahead.reading = 'runs';
        return isStill() ? await read(sighting, dueMs, isStill) : undefined;
      };
      const ahead: Ahead = { sizeBytes, found: begin().catch(() => undefined), reading: 'waits' };
      known.set(path, ahead);
      const found = await ahead.found;
      ahead.reading = 'is over';
      if (found === undefined && known.get(path) === ahead) known.delete(path);
    },
    /** It has changed, or is gone. */
    drop: (path: string): void => void known.delete(path),
    /**
     * What was found in this very version of a file, which is waited for when it is being read.
     *
     * @param opened What the descriptor shows from which it is going to be sent.
     */
    async take(
      path: string,
      opened: Shown,
      partBytes: number,
      signal: AbortSignal,
    ): Promise<Print | undefined> {
      const ahead = known.get(path);
      if (!ahead) return undefined;
      // Of one that is in line yet, it is the sender's: it would wait for files that are sent later.
      const found =
        ahead.reading === 'waits' ? undefined : await unlessAborted(ahead.found, signal);
      if (known.get(path) === ahead) known.delete(path);
      return found?.version === versionOf(opened, partBytes) ? found.print : undefined;
    },
  };
}

/** A file by its number, with all that a change of its bytes changes, and where it is cut. */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: Shown, partBytes: number): string {
  return [dev, ino, size, mtimeNs, ctimeNs, partBytes].join(' ');
}
