/** @file What the last scan of each folder left out, and why: nothing is passed over without a trace. */
import { basename, dirname, join, relative } from 'node:path';
import type { SkippedView } from '#shared/api/queue-view.ts';
import type { Skipped } from './scan.ts';
import type { Folder } from '../store/folders.ts';

/** Of one folder. A folder of photographs holds more, and nobody reads through them. */
const MAX_KEPT = 5_000;

type LeftOut = Pick<SkippedView, 'path' | 'reason' | 'isUnreadable'>;
type Scanned = Readonly<{ rows: readonly LeftOut[]; total: number; atMs: number }>;
export type LeftOuts = ReturnType<typeof createLeftOuts>;

export function createLeftOuts(nowMs: () => number) {
  const last = new Map<number, Scanned>();
  return {
    /** What a scan meets is seen by nobody until it has come to its end. */
    begin(folderId: number) {
      const rows: LeftOut[] = [];
      let total = 0;
      return {
        note({ path, reason, code }: Skipped): void {
          total += 1;
          if (rows.length < MAX_KEPT)
            rows.push({ path, reason, isUnreadable: code === 'file-unreadable' });
        },
        end: (): void => void last.set(folderId, { rows, total, atMs: nowMs() }),
      };
    },
    /** How many of these folders' files were left out. */
    total: (folders: readonly Folder[]): number =>
      folders.reduce((sum, { id }) => sum + (last.get(id)?.total ?? 0), 0),
    page(folders: readonly Folder[], offset: number, limit: number) {
      const looks = folders.map(({ id }) => last.get(id));
      const all = folders.flatMap((folder) =>
        (last.get(folder.id)?.rows ?? []).map((row) => ({ folder, row })),
      );
      return {
        rows: all.slice(offset, offset + limit).map(({ folder, row }) => skippedView(folder, row)),
        total: all.length,
        beyond: looks.reduce((sum, look) => sum + (look ? look.total - look.rows.length : 0), 0),
        lookedAtMs:
          looks.length === 0 || looks.includes(undefined)
            ? null
            : Math.min(...looks.map((look) => look?.atMs ?? 0)),
      };
    },
  };
}

function skippedView(folder: Folder, { path, reason, isUnreadable }: LeftOut): SkippedView {
  const inside = join(basename(folder.path), relative(folder.path, dirname(path)));
  return { path, name: basename(path), folder: inside, reason, isUnreadable };
}
