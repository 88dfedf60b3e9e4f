/** @file Follows the folders that a school's policy names, with the rules that it gives them. */
import { AppError } from '#shared/errors.ts';
import { isSameRule, schoolRules, type School } from './school.ts';
import { isConnected } from '../watch/scan.ts';
import type { Log } from '../log.ts';
import type { Folder, FolderIdentity, FolderRule, FolderStore } from '../store/folders.ts';

export type FollowContext = Readonly<{
  folders: Pick<FolderStore, 'list' | 'identity'>;
  /** @param known Of a folder that is followed already and stays the one that is meant. */
  save: (path: string, rule: FolderRule, known?: FolderIdentity) => Promise<Folder>;
  log: Log;
}>;

/** How often folders are looked for that were not there. */
const AGAIN_MS = 60_000;

/** @returns Ends looking for those that are not there yet. */
export async function followSet(school: School, context: FollowContext): Promise<() => void> {
  const waiting = new Set(schoolRules(school));
  const follow = async () => {
    for (const set of waiting) if (await isFollowed(set, context)) waiting.delete(set);
  };
  await follow();
  if (waiting.size === 0) return () => {};
  const timer = setInterval(() => void follow(), AGAIN_MS).unref();
  return () => clearInterval(timer);
}

type SetFolder = ReturnType<typeof schoolRules>[number];

/** False for one that is not there, and for one that cannot be followed, which the log tells. */
async function isFollowed({ path, rule }: SetFolder, context: FollowContext): Promise<boolean> {
  const { folders, save, log } = context;
  const known = folders.list().find((folder) => folder.path === path);
  if (known && isSameRule(known.rule, rule)) return true;
  if (!known && !(await isConnected(path))) return false;
  try {
    await save(path, rule, known && folders.identity(known.id));
    return true;
  } catch (error) {
    log('error', 'A folder that the school has set cannot be followed', { path, error });
    return !(error instanceof AppError);
  }
}
