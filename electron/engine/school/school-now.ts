/** @file What the policy file says now, and what holds when it is damaged. */
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { limitsOf, noSchool, refused, schoolWarning, viewOfSchool, type School } from './school.ts';
import {
  onPolicyChange,
  parsePolicy,
  policyFile,
  readPolicyFile,
  type Policy,
} from './school-file.ts';
import { followSet, type FollowContext } from './school-folders.ts';
import type { Log } from '../log.ts';
import type { Environment } from '../settings/settings.ts';
import type { SettingStore } from '../store/settings.ts';

/**
 * Asks the policy file. What it says is remembered, so that uploads go on under it should the file be
 * damaged one day.
 *
 * @throws AppError `policy-unreadable` when it is damaged and never was anything else: nobody knows where
 *   recordings may go, so none goes anywhere.
 */
export function askSchool(env: Environment, store: () => SettingStore): School {
  try {
    const found = readPolicyFile(policyFile(env));
    if (found === undefined) return noSchool;
    if (lastText(store()) !== found.text) store().set('school_policy', found.text);
    return { policy: found.policy, trouble: undefined };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'policy-unreadable') throw error;
    const policy = lastPolicy(store());
    if (policy === undefined) throw error;
    return { policy, trouble: refused(policy, error.message, error.code) };
  }
}

const lastText = (store: SettingStore) => store.getIfReadable('school_policy', z.string());

function lastPolicy(store: SettingStore): Policy | undefined {
  const text = lastText(store);
  try {
    return text === undefined ? undefined : parsePolicy(text);
  } catch {
    return undefined; // Of a version that took it otherwise.
  }
}

type Followed = Pick<FollowContext, 'folders'> & Readonly<{ saveFolder: FollowContext['save'] }>;

/** What a host asks again whenever it opens. */
export function createSchool(env: Environment, store: () => SettingStore) {
  let school = noSchool;
  let endFollowing: (() => void) | undefined;
  return {
    now: () => school,
    /** @throws AppError `policy-unreadable`: nothing holds then, and nothing may be changed. */
    ask(): School {
      try {
        return (school = askSchool(env, store));
      } catch (error) {
        if (error instanceof AppError) school = { policy: undefined, trouble: error };
        throw error;
      }
    },
    limits: () => limitsOf(school),
    view: () => viewOfSchool(school),
    warning: () => schoolWarning(school),
    /** Until the signal. */
    onChange(signal: AbortSignal, tell: () => void): void {
      signal.addEventListener('abort', onPolicyChange(env, tell), { once: true });
    },
    /** The folders that it names, until `endFollowing`. */
    async follow({ folders, saveFolder }: Followed, log: Log): Promise<void> {
      endFollowing = await followSet(school, { folders, save: saveFolder, log });
    },
    endFollowing: () => endFollowing?.(),
  };
}
