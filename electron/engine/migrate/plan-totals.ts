/** @file What the files of a plan come to: sums that grow with the number of classes, not with that of files. */
import type { PlanGroups } from '#shared/migration/plan.ts';
import { addTo, noFiles, type Sum } from '#shared/migration/migration.ts';
import { requestsFor } from '#shared/parts.ts';
import { keyExtension, type Destination } from '#shared/recording.ts';
import type { InventoryFile } from '../store/inventory.ts';

/** @param isThere Whether a file is in the bucket already. */
export function createPlanTotals(isThere: (file: InventoryFile, to: Destination) => boolean) {
  const total = noFiles();
  const sends = { ...noFiles(), requests: 0 };
  const sums = { classes: createSums(), types: createSums(), years: createSums() };
  return {
    add(file: InventoryFile): void {
      const to = JSON.parse(file.target) as Destination;
      addTo(total, file);
      if (file.isCopy === 0 && !isThere(file, to)) {
        addTo(sends, file);
        sends.requests += requestsFor(file.sizeBytes);
      }
      // Documents and uploads have no class; they are told by what they are.
      sums.classes.add('classId' in to ? to.classId : to.kind, file);
      sums.types.add(keyExtension(file.path).slice(1), file);
      sums.years.add(yearOf(file.mtimeNs), file);
    },
    total: () => total,
    sends: () => sends,
    groups: (): PlanGroups => ({
      classes: sums.classes.list(),
      types: sums.types.list(),
      years: sums.years.list(),
    }),
  };
}

function createSums() {
  const found = new Map<string, Sum>();
  return {
    add(name: string, file: InventoryFile): void {
      const sum = found.get(name) ?? noFiles();
      found.set(name, sum);
      addTo(sum, file);
    },
    /** In the order of their names, so that two plans can be compared line by line. */
    list: (): Record<string, Sum> =>
      Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Of the last change, UTC. */
function yearOf(mtimeNs: string): string {
  const year = new Date(Number(BigInt(mtimeNs) / 1_000_000n)).getUTCFullYear();
  return String(year).padStart(4, '0');
}
