/** @file Recordings that were deleted before they were sent: told only when that is certain. */
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { canComeBack, wasStored } from '#shared/job.ts';
import { ask } from '../files/disks.ts';
import { saysGone } from '../files/file-errors.ts';
import { createLooks } from './looks.ts';
import { isMutant } from '../test-hooks.ts';
import type { AskPresence } from './presence.ts';
import type { Folder } from '../store/folders.ts';
import type { Job, JobStore } from '../store/jobs.ts';

/** In so many complete scans in a row a file must be absent, with its folder there before and after. */
const ABSENT_SCANS = 2;

/**
 * Counts, after a complete scan, the jobs of a folder whose file is not at its path.
 *
 * @param disk Where the folder is, see `ask`.
 * @param isHere Whether the folder is still there: if not, nothing that was absent counts.
 * @returns Whether a file is absent that may be found again by the next scan.
 * @throws Silence when the disk stops answering.
 */
export async function countMissing(
  jobs: JobStore,
  folder: Folder,
  disk: string,
  isHere: () => Promise<boolean>,
): Promise<boolean> {
  const absent: Job[] = [];
  using looks = createLooks();
  for (let page = jobs.unsentOf(folder.id, 0); page.length > 0;) {
    const seen = await ask(disk, () => looks.at(page.map(({ path }) => path)));
    for (const [i, at] of seen.entries()) {
      const { id, absences } = page[i]!;
      if (!saysGone(at) && absences === 0) continue;
      const job = jobs.get(id);
      if (!job || wasStored(job.state) || canComeBack(job.state)) continue;
      if (saysGone(at)) absent.push(job);
      else jobs.setAbsences(id, 0);
    }
    page = jobs.unsentOf(folder.id, page[seen.length - 1]!.id);
  }
  if (absent.length === 0 || !(await isHere())) return false;
  let mayReturn = false;
  for (const { id, absences } of absent) {
    jobs.setAbsences(id, absences + 1);
    const { state, fingerprint } = jobs.get(id) ?? {};
    const kind = state?.kind;
    if (kind === 'uploading') continue; // The open file is read to its end, whatever became of its name.
    // Bug 17: one look is enough.
    if (absences + 1 < ABSENT_SCANS && !isMutant(17)) mayReturn = true;
    // Its bytes were on their way once, and may be whole in the bucket: its own turn asks, and then tells.
    else if (kind === 'queued' && fingerprint !== undefined) continue;
    else if (kind === 'held' || kind === 'queued' || kind === 'failed')
      jobs.apply(id, [{ type: 'lost' }]);
  }
  return mayReturn;
}

/** What a file that cannot be read may be for the sake of its folder. */
const READING: ReadonlySet<string> = new Set(['file-gone', 'file-unreadable', 'disk-error']);

/**
 * Why a job's file could not be read: when its folder is away it says nothing about the file, nor when the disk
 * is away on which a file lay that is in no folder.
 *
 * @param around The folder in whose place the file is, also where a person has sent it by hand.
 * @param absences In how many complete scans in a row the file was absent. They cannot tell on their own
 *   while the job is being tried, as it is in each short run of the command line.
 */
export async function whyUnread(
  error: unknown,
  { job, folder, around }: Readonly<Record<'folder' | 'around', Folder | undefined> & { job: Job }>,
  presence: AskPresence,
  absences: () => number,
): Promise<unknown> {
  if (!(error instanceof AppError) || !READING.has(error.code)) return error;
  const options = { cause: error };
  if (folder === undefined) {
    if (error.code !== 'file-gone') return error;
    const isFolderAway = around !== undefined && (await presence(around)) !== 'here';
    return isFolderAway || !(await isDiskHere(job))
      ? new AppError('file-away', error.message, options)
      : error;
  }
  if ((await presence(folder)) !== 'here') return new AppError('folder-away', folder.path, options);
  // The next scans find out whether it was moved, or is gone.
  const isOpen = error.code === 'file-gone' && absences() < ABSENT_SCANS;
  return isOpen ? new AppError('file-away', error.message, options) : error;
}

/** Of a file whose disk nobody has noted it is taken to be here, as it was before disks were noted. */
async function isDiskHere({ path, file }: Job): Promise<boolean> {
  if (file === undefined) return true;
  return ask(file.device, () => isOn(file.device, dirname(path))).catch(() => false);
}

/** Asks the nearest directory that is there: where a disk is taken off, it is one of another disk, or there is none. */
async function isOn(device: string, directory: string): Promise<boolean> {
  try {
    return String((await lstat(directory, { bigint: true })).dev) === device;
  } catch (error) {
    const above = dirname(directory);
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing && above !== directory && isOn(device, above);
  }
}
