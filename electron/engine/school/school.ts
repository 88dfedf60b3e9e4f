/** @file What a school's policy holds this computer to. */
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '#shared/errors.ts';
import {
  lockableSettings,
  lockNames,
  schoolLocks,
  type LockableSetting,
  type SchoolLimits,
  type SchoolLock,
  type SchoolView,
} from '#shared/school.ts';
import { variablesOf, type Policy } from './school-file.ts';
import type { FolderRule } from '../store/folders.ts';

export type School = Readonly<{
  /** What holds; `undefined` without a policy. */
  policy: Policy | undefined;
  /** The file cannot be used: `policy` is what it said last, and nothing may be changed. */
  trouble: AppError | undefined;
}>;

export const noSchool: School = { policy: undefined, trouble: undefined };

/** The variables of the storage that it sets: they stand over all others. */
export const setVariables = ({ policy }: School): Record<string, string> =>
  variablesOf(policy?.storage);

export function setSettings({ policy }: School): Partial<Record<LockableSetting, string>> {
  return policy?.storage ?? {};
}

/** @throws AppError `policy-unreadable`, `set-by-school` for another value than the one that is set. */
export function mayConnect(
  school: School,
  connection: Readonly<Record<LockableSetting, string>>,
): void {
  mayChange(school);
  const set = setSettings(school);
  for (const name of lockableSettings)
    if (set[name] !== undefined && connection[name].trim() !== set[name])
      throw refused(limitsOf(school), `The ${name} is ${set[name] || 'Amazon S3’s own'}`);
}

export function limitsOf(school: School): SchoolLimits {
  const { help, links, folders, cleanUp } = school.policy ?? {};
  const lock = (name: SchoolLock, isFree = true) => {
    const refusal = isFree ? school.trouble : refused({ help }, schoolLocks[name]);
    return refusal && { [name]: refusal };
  };
  return {
    help,
    ...(links && { longestLinkSeconds: links.longestSeconds }),
    locks: {
      ...lock('folders', folders?.others),
      ...lock('files', folders?.others),
      ...lock('delete', cleanUp?.storage),
      ...lock('free', cleanUp?.local),
      ...lock('changes'),
    },
  };
}

/** What is left out, and what is `undefined`, is the same. */
export function isSameRule(a: FolderRule, b: FolderRule): boolean {
  return isDeepStrictEqual(plain(a), plain(b));
}

const plain = (rule: FolderRule): unknown => JSON.parse(JSON.stringify(rule));

export const schoolRules = ({ policy }: School) => policy?.folders?.rules ?? [];
export const isSetFolder = (school: School, path: string): boolean =>
  schoolRules(school).some((set) => set.path === path);

/**
 * To follow a folder, or to give it another rule. A set folder may be said to be the one that is meant, with
 * the rule that is set.
 *
 * @throws AppError `set-by-school`, `policy-unreadable`
 */
export function mayFollow(school: School, path: string, rule: FolderRule): void {
  mayChange(school);
  const set = schoolRules(school).find((known) => known.path === path);
  if (set && !isSameRule(set.rule, rule))
    throw refused(limitsOf(school), `The rule of ${path} stays as it is`);
  if (!set) mustBeFree(limitsOf(school), 'folders');
}

/** @throws AppError `set-by-school`, `policy-unreadable` */
export function mayLeave(school: School, path: string): void {
  mayChange(school);
  if (isSetFolder(school, path)) throw refused(limitsOf(school), `${path} stays followed`);
}

/** @throws AppError `policy-unreadable` */
export function mayChange({ trouble }: School): void {
  if (trouble) throw trouble;
}

/** @throws AppError `set-by-school`; `policy-unreadable` where nobody has set it so. */
export function mustBeFree(limits: SchoolLimits | undefined, lock: SchoolLock): void {
  const refusal = limits?.locks?.[lock];
  if (refusal) throw refusal;
}

/**
 * To send single files: in a window, on the command line, by the REST route. An archive goes by its plan.
 *
 * @throws AppError as `mustBeFree`
 */
export const mayHandOver = (limits: SchoolLimits | undefined): void => mustBeFree(limits, 'files');

/** Says whom to ask. */
export function refused(
  { help }: Pick<SchoolLimits, 'help'>,
  what: string,
  code: 'set-by-school' | 'policy-unreadable' = 'set-by-school',
): AppError {
  return new AppError(code, help ? `${what}. Ask ${help}` : what);
}

/** `null` without a policy. */
export function viewOfSchool(school: School): SchoolView | null {
  const { policy, trouble } = school;
  if (policy === undefined) return null;
  const { help = null, longestLinkSeconds = null, locks = {} } = limitsOf(school);
  return {
    help,
    longestLinkSeconds,
    mayDelete: !locks.delete,
    mayFree: !locks.free,
    mayAddFolders: !locks.folders,
    isDamaged: trouble !== undefined,
    byDamage: lockNames.filter((name) => locks[name] && locks[name] === trouble),
  };
}

/** What stands on each page while it is so; `undefined` while all is well. */
export const schoolWarning = ({ trouble }: School): string | undefined =>
  trouble &&
  `${trouble.title}. What they said last holds: uploads go on, and nothing can be changed. ${trouble.message}`;
