/** @file How things are, as every page of a window shows it. */
import { basename, dirname } from 'node:path';
import type { StatusView } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import type { JobKind } from '#shared/job.ts';
import { needsPerson, safeToLeave } from '#shared/leave.ts';
import { pauseText, stoodText, type Standstill } from '#shared/pause.ts';
import { recoveryText } from '#shared/recovery.ts';
import type { SchoolView } from '#shared/school.ts';
import { recoveryFacts } from '../home/recovery-record.ts';
import { wordsOf } from '#shared/troubles/catalogue.ts';
import { warningText } from './warnings.ts';
import type { Desktop } from '../desktop.ts';
import type { Link } from '../store/links.ts';
import { takenInStore } from '../store/taken-in.ts';
import type { StorageSettings } from '../s3/storage-settings.ts';
import type { Session } from './session.ts';
import { limitAt, paceAt, type UploadSpeed } from '../upload/upload-rate.ts';

export type StatusFacts = Readonly<{
  version: string;
  desktop: Desktop;
  session: Session | undefined;
  /** What keeps the library from being open. */
  trouble: AppError | undefined;
  /** Settings under which anybody on the way could read along. */
  unverified: StorageSettings | undefined;
  /** What uploads are held to, and when; nothing where the library is shut. */
  uploadSpeed: UploadSpeed;
  school: Readonly<{ view: SchoolView | null; warning: string | undefined }>;
}>;

/** What goes up without a person as long as the app is open, and not while it is closed. */
export type Undone = Readonly<{
  /** Recordings that are being sent or verified. */
  moving: number;
  /** Those that wait for it, are new or are still being written. */
  waiting: number;
  /** Why nothing is sent when the app is open again, as far as is known. */
  stands?: Standstill | undefined;
  /** Until then it is, since a person has chosen so. */
  isOverruled?: boolean;
}>;

export function undoneOf(session: Session | undefined): Undone {
  // A demo and its samples are gone with the app.
  if (session?.demo) return { moving: 0, waiting: 0 };
  const { uploading = 0, verifying = 0, queued = 0, uploaded = 0 } = countsOf(session);
  const unseen = session?.engine?.outside().unseen ?? 0;
  const stands = session?.pause?.whyNextTime();
  return {
    moving: uploading + verifying,
    waiting: queued + uploaded + unseen,
    stands,
    isOverruled: stands !== undefined && session?.pause?.why() === undefined,
  };
}

function countsOf(session: Session | undefined): Partial<Record<JobKind, number>> {
  const tally = session?.jobs.tally() ?? [];
  return Object.fromEntries(tally.map(({ kind, count }) => [kind, count]));
}

/** "May I close the lid?", and what that is said by. */
function leaveOf(session: Session | undefined) {
  const counts = countsOf(session);
  const handed = session ? takenInStore(session.database).count() : 0;
  const outside = session?.engine?.outside() ?? { ...nothing, unseen: handed };
  const refuted = session?.audits.refuted() ?? 0;
  const followed = session?.folders.list().length ?? 0;
  // A pause outlives the app: who has forgotten it sees it wherever this is said.
  const stands = session?.pause?.why();
  // Expired keys, too, are renewed by nobody but a person.
  const goesOn = stands === undefined && session?.engine?.queue.trouble === undefined;
  const leave = {
    ...safeToLeave({ counts, ...outside, refuted, followed }, goesOn),
    needYou: needsPerson(counts) + refuted,
    refuted,
    notConnected: outside.notConnected,
  };
  if (followed > 0 && session?.engine === undefined) return { counts, ...leave, ...blind };
  const reason =
    stands && !leave.safeToLeave
      ? `Uploads are ${pauseText(stands, Date.now())}. ${leave.reason}`
      : leave.reason;
  return { counts, ...leave, reason };
}

const nothing = { unseen: 0, notLooked: 0, unreadable: 0, notConnected: 0 };

/** Nobody looks into the folders while no storage is connected: what is new in them is not known. */
const blind = {
  safeToLeave: false,
  reason: 'No storage is connected: nothing in your folders is copied.',
  ifLeft: 'Your recordings stay on this computer. Connect the storage in Settings.',
};

/** For a report: what is so now, in codes and numbers. */
export function stateOf(facts: StatusFacts): Record<string, unknown> {
  const { mode, counts, bytesLeft, trouble, slowed, isPaused, settling } = statusOf(facts);
  const code = trouble?.code ?? null;
  const aheadMs = facts.session?.remote?.aheadMs() ?? null;
  return {
    mode,
    counts,
    bytesLeft,
    trouble: code,
    slowed,
    isPaused,
    settling: settling.length,
    aheadMs,
  };
}

function endingOf(links: readonly Link[]): Pick<StatusView, 'linksEnding' | 'linksEndingLastMs'> {
  const lastMs = links.reduce((last, { expiresAtMs }) => Math.max(last, expiresAtMs), 0);
  return { linksEnding: links.length, linksEndingLastMs: links.length === 0 ? null : lastMs };
}

export function statusOf(facts: StatusFacts): StatusView {
  const { version, desktop, session, trouble, school } = facts;
  const { counts, safeToLeave: isSafe, isUnused, reason, ifLeft, ...people } = leaveOf(session);
  const recovered = session && recoveryFacts(session.database);
  const storage = session?.engine?.queue.trouble;
  const shown = trouble ?? (storage && new AppError(storage.code, storage.detail));
  const mode = trouble
    ? 'broken'
    : session?.demo
      ? 'demo'
      : session?.engine
        ? 'ready'
        : 'no-settings';
  const stands = session?.pause?.why();
  const stoodSinceMs = (counts['queued'] ?? 0) > 0 ? session?.pause?.stoodLongSince() : undefined;
  const overdue = stands && stoodSinceMs !== undefined ? stoodText(stands, stoodSinceMs) : null;
  const pace = session?.pace();
  return {
    version,
    mode,
    counts: {
      ...counts,
      dismissed: session?.jobs.dismissed() ?? 0,
      skipped: session?.engine?.leftOuts.total(session.folders.list()) ?? 0,
    },
    bucket: session?.remote?.bucket ?? null,
    endpoint: session?.endpoint ?? null,
    safeToLeave: trouble === undefined && isSafe,
    isUnused: trouble === undefined && isUnused,
    reason: trouble === undefined ? reason : trouble.title,
    ifLeft: trouble === undefined ? ifLeft : wordsOf(trouble.code).safe,
    needYou: people.needYou,
    refuted: people.refuted,
    notConnected: people.notConnected,
    ...endingOf(session?.linksEnding() ?? []),
    restored: session?.watchedRestores.restored() ?? null,
    // What stands still has no speed, however fast it was a moment ago.
    pace: stands || storage || !pace ? null : paceAt(facts.uploadSpeed, pace, Date.now()),
    slowed: session?.remote?.slowed() ?? null,
    uploadLimit: limitAt(facts.uploadSpeed, Date.now()),
    bytesLeft: session?.jobs.leftToSend() ?? 0,
    isPaused: stands !== undefined,
    pausedBy: stands?.by ?? null,
    pausedUntilMs: stands?.untilMs ?? null,
    trouble: shown
      ? {
          code: shown.code,
          title: shown.title,
          remedy: shown.remedy,
          detail: shown.message === shown.title ? null : shown.message,
          nextTryAtMs: storage?.nextTryAtMs ?? null,
        }
      : null,
    school: school.view,
    overdue,
    warning: warningText({
      overdue,
      school: school.warning,
      isDiskLow: session?.engine?.isDiskLow() ?? false,
      scanner: session?.engine?.scannerTrouble(),
      unverified: facts.unverified,
      aheadMs: session?.remote?.aheadMs() ?? 0,
    }),
    settling: (session?.engine?.settling() ?? []).map(({ sighting, why, forMs }) => ({
      name: basename(sighting.path),
      folder: basename(dirname(sighting.path)),
      sizeBytes: sighting.sizeBytes,
      why,
      forMs: Math.round(forMs),
    })),
    recovery: (recovered && recoveryText(recovered)) ?? null,
    can: {
      reveal: desktop.revealFile !== undefined,
      chooseFolder: desktop.chooseFolder !== undefined,
    },
  };
}
