/** @file The guide's five steps: each is opened by the proof of the one before. The engine asks this before it does anything. */
import { count, formatNumber } from '../format.ts';
import type { Backup } from './migration.ts';
import type { PlanView, Standing } from '../api/migration-view.ts';

export type MigrationStep = 'plan' | 'backup' | 'upload' | 'verify' | 'free';

/** `why`: what keeps it from being done now, or from being done again. */
export type StepState = Readonly<{ state: 'locked' | 'open' | 'done'; why: string | null }>;

const open: StepState = { state: 'open', why: null };
const done: StepState = { state: 'done', why: null };
const locked = (why: string): StepState => ({ state: 'locked', why });

export function stepsOf(plan: PlanView | null): Record<MigrationStep, StepState> {
  if (plan === null || plan.files === 0) {
    const why = plan === null ? 'There is no plan yet.' : 'The plan has no file to send.';
    const later = locked(why);
    return { plan: open, backup: later, upload: later, verify: later, free: later };
  }
  return {
    plan: done,
    backup: isBackedUp(plan.backup) ? done : open,
    upload: uploadState(plan),
    verify: verifyState(plan),
    free: freeState(plan),
  };
}

/** One that somebody vouches for, or of which everything that was compared is the same. */
export function isBackedUp(backup: Backup | null | undefined): boolean {
  if (!backup) return false;
  return backup.kind === 'said' || (backup.compared > 0 && backup.same === backup.compared);
}

/** Files that are verified at the level full or above. */
export function provenFiles({ verified }: Pick<Standing, 'verified'>): number {
  return verified.full.files + verified['read-back'].files;
}

function uploadState({ backup, files, standing }: PlanView): StepState {
  if (!isBackedUp(backup)) return locked('There is no back-up on record that is the same.');
  return standing.uploaded.files === files && !hasOutdated(standing) ? done : open;
}

/** Whether a file that was sent has been found to be another one here: a run sends it as it is now. */
export function hasOutdated({ refuted, quarantined, removed }: Standing): boolean {
  return quarantined.files + removed.files === 0 && refuted.some(({ why }) => why === 'changed');
}

function verifyState({ files, standing }: PlanView): StepState {
  const { uploaded, quarantined, removed } = standing;
  if (uploaded.files < files)
    return locked(
      `${formatNumber(uploaded.files)} of ${count(files, 'file')} are uploaded: all have to be.`,
    );
  if (quarantined.files + removed.files > 0)
    return {
      state: 'done',
      why: 'Files have been moved away. To verify again, put them back first.',
    };
  return provenFiles(standing) === files ? done : open;
}

function freeState(plan: PlanView): StepState {
  const { backup, files, standing } = plan;
  if (!isBackedUp(backup)) return locked('There is no back-up on record that is the same.');
  // What a clean-up finds out about one file keeps the others from nothing: each has its proof right before.
  if (standing.quarantined.files + standing.removed.files > 0)
    return standing.here.files === 0 ? done : open;
  const number = provenFiles(standing);
  if (number < files)
    return locked(
      `${formatNumber(number)} of ${count(files, 'file')} are verified by their checksum: all have to be.`,
    );
  if (standing.uploaded.files < files)
    return locked(
      `${formatNumber(standing.uploaded.files)} of ${count(files, 'file')} are uploaded.`,
    );
  return standing.here.files === 0 ? done : open;
}
