/** @file What a folder holds now, and where each file would go by a rule, before anybody follows it. */
import type { ApiOutput } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import type { Hold } from '#shared/job.ts';
import { breach } from '#shared/limits.ts';
import { objectKeyFor, shelfWords } from '#shared/recording.ts';
import { holds } from '#shared/troubles/holds.ts';
import type { FolderRule } from '../store/folders.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import { isConnected, scanFolder, type Sighting } from '../watch/scan.ts';
import { destinationOf } from './targets.ts';

/** Files that a preview shows, and that it looks at. */
const PREVIEW_FILES = 50;
const PREVIEW_LOOKS = 5_000;

/** @throws AppError `bad-folder` */
export async function previewFolder(
  path: string,
  rule: FolderRule,
  jobs: Pick<JobStore, 'ofVersion'>,
  signal: AbortSignal,
): Promise<ApiOutput<'previewFolder'>> {
  if (!(await isConnected(path)))
    throw new AppError('bad-folder', `${path}: there is no such folder`);
  const to = destinationOf(rule);
  const files: ApiOutput<'previewFolder'>['files'] = [];
  const skipped: { name: string; reason: string }[] = [];
  let total = 0;
  for await (const found of scanFolder({ id: 0, path, rule, addedAtMs: 0 }, signal)) {
    const name = (found.kind === 'file' ? found.sighting.path : found.path).slice(path.length + 1);
    if (found.kind === 'skipped') {
      if (skipped.length < PREVIEW_FILES) skipped.push({ name, reason: found.reason });
      continue;
    }
    total += 1;
    const { sighting } = found;
    const { sizeBytes } = sighting;
    if (files.length < PREVIEW_FILES)
      files.push({
        name,
        sizeBytes,
        key: to ? objectKeyFor(to, '{uuid}', name) : null,
        kept: keptText(breach(rule, { name, sizeBytes })),
        storedIn: storedIn(jobs, sighting),
      });
    if (total >= PREVIEW_LOOKS) break;
  }
  return { files, skipped, total };
}

/** A version that the storage has is not sent by another rule. */
function storedIn(jobs: Pick<JobStore, 'ofVersion'>, sighting: Sighting): string | null {
  const stored = jobs.ofVersion(sighting).findLast(hasObject);
  return stored?.destination ? shelfWords(stored.destination) : null;
}

const hasObject = ({ state }: Job): boolean =>
  ['uploaded', 'verifying', 'verified'].includes(state.kind);

/** What a preview says of a file that its folder's limits keep. */
function keptText(hold: Hold | undefined): string | null {
  return hold === undefined ? null : [holds[hold.reason].title, hold.detail].join('. ');
}
