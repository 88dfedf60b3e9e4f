/** @file A migration in words: what is being done, how it ended, and what of it a person has to look at. */
import { AppError } from '#shared/errors.ts';
import { count, formatBytes, formatNumber, printable, withCapital } from '#shared/format.ts';
import {
  drifts,
  keptReasons,
  migrationVerdicts,
  unlisted,
  type MigrationVerdict,
  type Sum,
} from '#shared/migration/migration.ts';
import type { KnownPlan } from '#shared/api/migration-lists.ts';
import { provenFiles } from '#shared/migration/migration-steps.ts';
import type {
  EndView,
  Fate,
  LeftWhy,
  Standing,
  WorkName,
  WorkView,
} from '#shared/api/migration-view.ts';
import { ofTheAsked, tellError } from './failures.ts';
import type { Telling } from './troubles.ts';

export type NamedFiles = Readonly<{ why: string; files: number; some: readonly string[] }>;

export const filesText = ({ files, bytes }: Sum): string =>
  `${count(files, 'file')} (${formatBytes(bytes)})`;

/** What has ended well, and what has not. */
const works: Record<WorkName, { done: (done: Sum) => string; not: string }> = {
  plan: { done: () => 'The plan is made.', not: 'The plan could not be made' },
  open: { done: () => 'The plan is open.', not: 'The plan could not be opened' },
  backup: {
    done: (done) => `${filesText(done)} are the same in the back-up.`,
    not: 'The back-up could not be compared',
  },
  run: {
    done: (done) => `${filesText(done)} are uploaded.`,
    not: 'The upload could not go on',
  },
  verify: {
    done: (done) => `${filesText(done)} were looked at.`,
    not: 'The files could not be verified',
  },
  cleanup: {
    done: (done) => `${filesText(done)} moved into quarantine.`,
    not: 'The files could not be moved',
  },
  purge: {
    done: (done) => `${filesText(done)} deleted for good.`,
    not: 'The files could not be deleted',
  },
  undo: {
    done: (done) => `${filesText(done)} put back.`,
    not: 'The files could not be put back',
  },
  hashes: {
    done: (done) => `${filesText(done)} are in the hash list.`,
    not: 'The hash list could not be written',
  },
  look: {
    done: (done) => `${filesText(done)} are as they were planned, or uploaded.`,
    not: 'The archive could not be looked through',
  },
};

const UNSENT = 'Nothing was sent, and no file on this disk was touched.';
const UPLOADED = 'What is uploaded stays so, and no file on this disk was touched.';
const PLACED =
  'Each file is where it was, in quarantine, or deleted after its copy was proven: none is lost.';
const safe: Record<WorkName, string> = {
  plan: UNSENT,
  open: UNSENT,
  backup: UNSENT,
  run: UPLOADED,
  verify: UPLOADED,
  cleanup: PLACED,
  purge: PLACED,
  undo: PLACED,
  look: UNSENT,
  hashes: 'Nothing was written, and no file of the archive was touched.',
};

/** What kept a work from its end. What was wrong with what was asked for is said, not folded away. */
export function tellEnd(work: WorkName, trouble: NonNullable<EndView['trouble']>): Telling {
  const { code, title, detail } = trouble;
  const telling = tellError(new AppError(code, detail ?? undefined));
  const isAsked = ofTheAsked.has(code) && detail !== null;
  return {
    ...telling,
    what: !isAsked ? `${title}.` : code === 'usage' ? detail : `${title}: ${detail}`,
    detail: isAsked ? undefined : telling.detail,
    safe: safe[work],
  };
}

export const failedTitle = (work: WorkName): string => works[work].not;

/** How a work ended, in one sentence. */
export function endText({ work, wasStopped, trouble, done, left }: EndView): string {
  if (trouble !== null) return `${works[work].not}. ${trouble.title}.`;
  if (wasStopped) return 'It was stopped.';
  const stays = left.reduce((sum, { files }) => sum + files, 0);
  const rest = stays === 0 ? '' : ` ${count(stays, 'file')} to look at.`;
  return works[work].done(done) + rest;
}

/** `1,200 of 30,000 files` */
export const ofText = (done: number, total: number): string =>
  `${formatNumber(done)} of ${count(total, 'file')}`;

/** How far a plan is. */
export function planText({ files, isRunning }: KnownPlan, standing: Standing): string {
  const { uploaded, putBack, quarantined, removed } = standing;
  const proven = provenFiles(standing);
  if (isRunning) return `Being uploaded: ${ofText(uploaded.files, files)}.`;
  if (removed.files > 0) return `${ofText(removed.files, files)} deleted here after proof.`;
  if (quarantined.files > 0) return `${ofText(quarantined.files, files)} in quarantine.`;
  if (putBack.files > 0) return `Put back here after the clean-up; ${proven} verified.`;
  if (proven > 0) return `${ofText(proven, files)} verified.`;
  if (uploaded.files > 0) return `${ofText(uploaded.files, files)} uploaded, not verified yet.`;
  return 'Planned; nothing is uploaded.';
}

/** `1,200 of 30,000 files, 12 GB of 1.2 TB`, as far as it is known. */
export function progressText({ work, phase, done, total }: WorkView): string {
  if (phase === 'waiting') return 'Waiting for the storage: it goes on by itself.';
  if (total === null) {
    if (work === 'open') return 'Reading the plan…';
    return `${filesText(done)} ${phase === 'comparing' ? 'compared with files of the same size' : 'found'}.`;
  }
  const of = ofText(done.files, total.files);
  const bytes =
    total.bytes === 0 ? '' : `, ${formatBytes(done.bytes)} of ${formatBytes(total.bytes)}`;
  return `${of}${bytes}${phase === 'comparing' ? ' compared with files of the same size' : ''}.`;
}

const fates: Record<Fate, string> = {
  failed: 'could not be uploaded: the Queue says why',
  held: 'waits for you in the Queue',
  waiting: 'is not uploaded yet',
  setAside: 'was cancelled or deleted by a person',
  changed: drifts.changed,
  gone: drifts.gone,
  unreadable: drifts.unreadable,
};
export const fateText = (why: Fate): string => withCapital(fates[why]);
export const verdictText = (why: MigrationVerdict): string => withCapital(migrationVerdicts[why]);

const leftWords: Partial<Record<WorkName, Partial<Record<LeftWhy, string>>>> = {
  run: drifts,
  look: drifts,
  hashes: unlisted,
};
/** Why a step left a file as it is. */
export function leftText(work: WorkName, why: LeftWhy): string {
  if (why === 'not-the-same') return 'Is not in the back-up, or is another one there';
  const words: Partial<Record<LeftWhy, string>> = leftWords[work] ?? keptReasons;
  return withCapital(words[why] ?? why);
}

/** What is named in one place: long names fill it sooner. */
const NAMED_CHARACTERS = 240;

/** `a.mp3, b.mp3 and 12 more` */
export function someText({ files, some }: Omit<NamedFiles, 'why'>): string {
  let names = printable(some[0] ?? '');
  let named = 1;
  for (const name of some.slice(1).map(printable)) {
    if (names.length + name.length > NAMED_CHARACTERS) break;
    names += `, ${name}`;
    named += 1;
  }
  return files > named ? `${names} and ${formatNumber(files - named)} more` : names;
}
