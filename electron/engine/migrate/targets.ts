import type { Inventory } from '../store/inventory.ts';
import { readMapping, type Target } from './mapping.ts';
import { readTimetable } from './timetable.ts';

/** Where a file goes; and when it was recorded, where the timetable was asked. */
export type TargetOf = (
  path: string,
  mtimeNs: string,
) => Readonly<{ target: Target | undefined; when: string | undefined }>;

/**
 * Reads what says where files go: the mapping, and for what it has no line for, the timetable.
 *
 * @throws As `readMapping` and `readTimetable`.
 */
export async function readTargets(
  root: string,
  inventory: Inventory,
  given: Readonly<{
    mapping?: string | undefined;
    timetable?: Readonly<{ file: string; zone: string }> | undefined;
    userId: string;
  }>,
): Promise<TargetOf> {
  const { mapping: map, timetable: table, userId } = given;
  const mapping =
    map === undefined ? undefined : await readMapping(map, { root, userId, inventory });
  const timetable = table && (await readTimetable(table.file, { root, userId, zone: table.zone }));
  return (path, mtimeNs) => {
    const target = mapping?.targetOf(path);
    if (target !== undefined || timetable === undefined) return { target, when: undefined };
    return { target: timetable.targetOf(path, mtimeNs), when: timetable.timeOf(mtimeNs) };
  };
}
