/** @file What a folder holds now, and where each file would go by a rule, before anybody follows it. */
import type { ApiOutput } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import { objectKeyFor, shelfWords } from '#shared/recording.ts';
import { holds } from '#shared/troubles/holds.ts';
import { judgeHead } from '../container/judge.ts';
import type { FolderRule } from '../store/folders.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import { isConnected, scanFolder, type Sighting } from '../watch/scan.ts';
import { holdFor } from './holds.ts';
import { isDropped } from './known-jobs.ts';
import { destinationOf } from './targets.ts';

/** Files that a preview shows, and that it looks at. */
const PREVIEW_FILES = 50;
const PREVIEW_LOOKS = 5_000;

/**
 * Nothing of a file is read: what its bytes would say of it is not known yet.
 *
 * @throws AppError `bad-folder`
 */
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
  let leftOut = 0;
  let isCutOff = false;
  for await (const found of scanFolder({ id: 0, path, rule, addedAtMs: 0 }, signal)) {
    const name = (found.kind === 'file' ? found.sighting.path : found.path).slice(path.length + 1);
    if (found.kind === 'skipped') {
      leftOut += 1;
      if (skipped.length < PREVIEW_FILES) skipped.push({ name, reason: found.reason });
      continue;
    }
    isCutOff = total === PREVIEW_LOOKS;
    if (isCutOff) break;
    total += 1;
    const { sighting } = found;
    const { sizeBytes } = sighting;
    if (files.length < PREVIEW_FILES)
      files.push({
        name,
        sizeBytes,
        key: to ? objectKeyFor(to, '{uuid}', name) : null,
        kept: droppedText(jobs, sighting) ?? keptText(sighting, rule),
        storedIn: storedIn(jobs, sighting),
      });
  }
  return { files, skipped, total, leftOut, isCutOff };
}

/** A version that the storage has is not sent by another rule. */
function storedIn(jobs: Pick<JobStore, 'ofVersion'>, sighting: Sighting): string | null {
  const stored = jobs.ofVersion(sighting).findLast(hasObject);
  return stored?.destination ? shelfWords(stored.destination) : null;
}

const hasObject = ({ state }: Job): boolean =>
  ['uploaded', 'verifying', 'verified'].includes(state.kind);

/** What a person has decided about a version, by which it does not go up. */
function droppedText(jobs: Pick<JobStore, 'ofVersion'>, sighting: Sighting): string | undefined {
  const last = jobs.ofVersion(sighting).at(-1);
  if (last === undefined) return undefined;
  if (isDropped(last, 'cancelled')) return 'It was dismissed: it goes up only when you send it';
  return isDropped(last, 'deleted')
    ? 'It was deleted in the storage: it goes up again only when you send it'
    : undefined;
}

/** What keeps a file by its name and size alone. */
function keptText(sighting: Sighting, rule: FolderRule): string | null {
  const verdict = judgeHead(sighting, undefined, rule);
  const hold = verdict && holdFor(verdict);
  return hold === undefined
    ? null
    : [holds[hold.reason].title, hold.detail].filter(Boolean).join('. ');
}
