/** @file How far a plan is, by the ledger alone: the archive's disk may be away, and half a million files are not looked at for a page. */
import {
  addTo,
  noFiles,
  QUARANTINE_DAYS,
  type MigrationVerdict,
} from '#shared/migration/migration.ts';
import type { Fate, Standing } from '#shared/api/migration-view.ts';
import { DAY_MS } from '#shared/time.ts';
import { inSlices } from '../pauses.ts';
import type { JobStore } from '../store/jobs.ts';
import type { Plan, PlannedFile, PlanStore } from '../store/plans.ts';
import { isDue } from './cleanup.ts';
import { fateOf, jobOf } from './run.ts';

const SHOWN = 10;

/** Counts files by why they are named, and keeps the first paths of each. */
export function createNames<Why extends string>() {
  const found = new Map<Why, { files: number; some: string[] }>();
  return {
    add(why: Why, path: string): void {
      const named = found.get(why) ?? { files: 0, some: [] };
      found.set(why, named);
      named.files += 1;
      if (named.some.length < SHOWN) named.some.push(path);
    },
    list: () => Array.from(found, ([why, named]) => ({ why, ...named })),
  };
}

export async function standingOf(
  { jobs, plans, nowMs }: Readonly<{ jobs: JobStore; plans: PlanStore; nowMs: () => number }>,
  plan: Plan,
): Promise<Standing> {
  const uploaded = noFiles();
  const behind = createNames<Fate>();
  const verified: Standing['verified'] = {
    head: noFiles(),
    full: noFiles(),
    'read-back': noFiles(),
  };
  const refuted = createNames<MigrationVerdict>();
  const places = {
    here: noFiles(),
    putBack: noFiles(),
    quarantined: noFiles(),
    removed: noFiles(),
    due: noFiles(),
  };
  let checkedAtMs: number | null = null;
  let movedAtMs: number | null = null;
  for await (const file of inSlices(plans.files(plan.id))) {
    const fate = fateOf(file, jobOf(jobs, plan, file));
    if (fate === 'verified') addTo(uploaded, file);
    else behind.add(fate, file.path);
    const { verdict, level } = file;
    if (verdict === 'verified' && level !== undefined) addTo(verified[level], file);
    else if (verdict !== undefined) refuted.add(verdict, file.path);
    checkedAtMs = later(checkedAtMs, file.checkedAtMs);
    addTo(places[placeOf(file)], file);
    if (placeOf(file) === 'here' && file.placedAtMs !== undefined) addTo(places.putBack, file);
    if (placeOf(file) !== 'quarantined') continue;
    movedAtMs = later(movedAtMs, file.placedAtMs);
    if (isDue(file, QUARANTINE_DAYS, nowMs())) addTo(places.due, file);
  }
  return {
    uploaded,
    behind: behind.list(),
    verified,
    refuted: refuted.list(),
    checkedAtMs,
    ...places,
    dueAtMs: movedAtMs === null ? null : movedAtMs + QUARANTINE_DAYS * DAY_MS,
  };
}

function later(a: number | null, b: number | undefined): number | null {
  return b === undefined || (a !== null && a > b) ? a : b;
}

/** What was begun and not written down as done counts as not done, until the disk is asked. */
function placeOf({ place }: PlannedFile): 'here' | 'quarantined' | 'removed' {
  if (place === 'moving') return 'here';
  return place === 'removing' ? 'quarantined' : place;
}
