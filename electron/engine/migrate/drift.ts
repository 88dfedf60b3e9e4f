import { join } from 'node:path';
import { look } from '../watch/scan.ts';
import type { JobStore } from '../store/jobs.ts';
import type { Plan, PlannedFile, PlanStore } from '../store/plans.ts';
import { abreast } from './abreast.ts';
import {
  askDisk,
  assertNotAway,
  assertThere,
  driftOf,
  isOutdated,
  jobOf,
  nameNew,
  type Drifted,
} from './run.ts';

const LOOKS = 16;

/**
 * What is not as it was planned any more, before anything is sent: for a plan that was made a while ago. What is
 * uploaded already is not looked at, as a verification does that, but for what one has found changed.
 *
 * @param onFile Hears of each file that is as planned, or uploaded.
 * @throws AppError `folder-away` when the archive is not connected.
 */
export async function lookForDrift(
  { jobs, plans }: Readonly<{ jobs: JobStore; plans: PlanStore }>,
  plan: Plan,
  onFile: (file: PlannedFile) => void,
  onDrift: (drifted: Drifted) => void,
  signal: AbortSignal,
): Promise<void> {
  await assertThere(plan);
  await nameNew(plan, plans, onDrift, signal);
  const lookAt = async (file: PlannedFile) => {
    const job = jobOf(jobs, plan, file);
    if (job?.state.kind === 'verified' && !isOutdated(file, job))
      return { file, drift: file.drift };
    const found = await askDisk(plan, () => look(join(plan.root, file.path)));
    return { file, drift: driftOf(file, found, job), isNews: true };
  };
  for await (const page of abreast(plans.files(plan.id), LOOKS, signal, lookAt)) {
    // Its disk may have gone meanwhile.
    if (page.some(({ drift }) => drift === 'gone')) await assertNotAway(plan);
    for (const { file, drift, isNews } of page) {
      if (isNews && drift !== file.drift) plans.setDrift(file.id, drift);
      if (isNews && drift !== undefined) onDrift({ path: file.path, why: drift });
      else onFile(file);
    }
  }
}
