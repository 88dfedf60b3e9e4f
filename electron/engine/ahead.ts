/**
 * @file Large files are fingerprinted while they settle, in the second half of their quiet time: when it is
 * over, sending begins at once. It is kept in memory, of a few files, and each is used once; where it is not
 * there, or of another version, the file is read as any other.
 */
import { partBytesFor, planParts } from '#shared/parts.ts';
import { fingerprintLarge, whenAborted } from './large-files.ts';
import { openSource, type Shown, type Source } from './source.ts';
import type { Print } from './fingerprint.ts';
import type { Sighting } from './scan.ts';

/** That are being read or wait to be sent. Where more come to rest at once, sending is what is waited for. */
const MOST = 4;

type Found = Readonly<{ version: string; print: Print }>;
type Ahead = { readonly found: Promise<Found | undefined>; isOver: boolean };

export type AheadOptions = Readonly<{
  /** How soon a file may be sent, from when it is begun. */
  inMs: number;
  /** Whether it may be sent then. */
  isWanted: (path: string) => boolean;
  stopping: AbortSignal;
}>;

export type AheadOf = ReturnType<typeof createAhead>;

export function createAhead({ inMs, isWanted, stopping }: AheadOptions) {
  const known = new Map<string, Ahead>();

  async function read({ path, sizeBytes, ...sighting }: Sighting, isStill: () => boolean) {
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
    const print = await fingerprintLarge(file, planParts(sizeBytes, partBytes), stopping, inMs);
    await source.assertUnchanged();
    return { version: versionOf(source.opened, partBytes), print };
  }

  return {
    /** Resolves when it is read, or is not going to be. Why not is found out again by who sends it. */
    async begin(sighting: Sighting): Promise<void> {
      const { path } = sighting;
      for (const [other, { isOver }] of known)
        if (isOver && known.size >= MOST) known.delete(other);
      if (known.size >= MOST || !isWanted(path)) return;
      const isStill = () => known.get(path) === ahead && isWanted(path);
      const ahead: Ahead = {
        found: read(sighting, isStill).catch(() => undefined),
        isOver: false,
      };
      known.set(path, ahead);
      const found = await ahead.found;
      ahead.isOver = true;
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
      using waiting = whenAborted(signal);
      const found = await Promise.race([ahead.found, waiting.aborted]);
      if (known.get(path) === ahead) known.delete(path);
      return found?.version === versionOf(opened, partBytes) ? found.print : undefined;
    },
  };
}

/** A file by its number, with all that a change of its bytes changes, and where it is cut. */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: Shown, partBytes: number): string {
  return [dev, ino, size, mtimeNs, ctimeNs, partBytes].join(' ');
}
