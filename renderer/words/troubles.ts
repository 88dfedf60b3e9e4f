/** @file Troubles as a window tells them: what happened, whether the recording is safe, what to do. */
import type { JobTrouble } from '#shared/api.ts';
import { catalogue, wordsOf } from '#shared/troubles/catalogue.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { holds } from '#shared/troubles/holds.ts';
import type { HoldReason } from '#shared/job.ts';
import type { WayOn, Words } from '#shared/troubles/trouble.ts';

export type Telling = Words &
  Readonly<{
    /** What exactly is in the way, such as a setting by its name. */
    what?: string | undefined;
    /** For the folded part: what an admin wants to read. */
    detail?: string | undefined;
    /** It passes by itself: grey with a clock, never red. */
    isWaiting?: boolean;
    /** Where the way on starts. */
    goTo?: WayOn;
  }>;

/** Their detail is the trouble itself. */
const named: ReadonlySet<ErrorCode> = new Set([
  'settings-missing',
  'settings-wrong',
  'saved-unreadable',
  'set-by-school',
]);

export function tell(code: ErrorCode, detail?: string | null): Telling {
  const { retry, goTo } = catalogue[code];
  const more = detail ?? undefined;
  return {
    ...wordsOf(code),
    ...(goTo === undefined ? {} : { goTo }),
    isWaiting: retry !== 'after-user',
    ...(named.has(code) ? { what: more } : { detail: more }),
  };
}

/** The settings by the names of their fields: what the engine names is a variable. */
const fields: Readonly<Record<string, string>> = {
  AWS_S3_BUCKET: 'Bucket',
  AWS_REGION: 'Region',
  AWS_S3_ENDPOINT_URL: 'Endpoint',
  AWS_PROFILE: 'Profile',
  AWS_ACCESS_KEY_ID: 'Access key',
  AWS_SECRET_ACCESS_KEY: 'Secret key',
};

/** What an engine says to an admin, with a window's names. */
export function inWindow(detail: string): string {
  return detail.replaceAll(/\bAWS_[A-Z0-9_]+\b/g, (name) => fields[name] ?? name);
}

/** What a job waits for; a reason to hold it is nobody's failure. */
export function tellJob({ code, detail }: Pick<JobTrouble, 'code' | 'detail'>): Telling {
  if (!isHold(code)) return tell(code, detail && inWindow(detail));
  const { goTo } = holds[code];
  return { ...wordsOf(code), ...(goTo === undefined ? {} : { goTo }) };
}

/** Not its file's, but what stands above all that wait for the storage. */
export const isOfStorage = ({ code }: Pick<JobTrouble, 'code'>): boolean =>
  !isHold(code) && catalogue[code].scope === 'storage';

function isHold(code: JobTrouble['code']): code is HoldReason {
  return Object.hasOwn(holds, code);
}
