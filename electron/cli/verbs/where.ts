/**
 * @file Where a file is in the storage, and where an object's file is here: by its bytes, whatever it is called by now.
 * It is the ledger's word: the storage is not asked.
 */
import type { FilePlace } from '#shared/api/stored.ts';
import type { RefutedReason } from '#shared/audit.ts';
import { printable } from '#shared/format.ts';
import { workingLinksText } from '#shared/link.ts';
import { AppError } from '#shared/errors.ts';
import { atRest } from '#shared/job.ts';
import { rehash } from '../../engine/audit/rehash.ts';
import { placeOf } from '../../engine/library/file-place.ts';
import { auditStore } from '../../engine/store/audits.ts';
import { folderStore } from '../../engine/store/folders.ts';
import { jobStore, type Job, type JobStore } from '../../engine/store/jobs.ts';
import { linkStore, type Link } from '../../engine/store/links.ts';
import { peekPresence } from '../../engine/watch/presence.ts';
import { look, type Sighting } from '../../engine/watch/scan.ts';
import type { Context } from '../context.ts';
import { errorView, EXIT } from '../output.ts';
import { jobView, reasonText } from '../present.ts';
import type { Verb } from '../program.ts';

/** No job has this number: none is left out. */
const NONE = 0;

/** What is known of one thing that was asked for. `sha256` of a file that could be read, `trouble` of another. */
type Answer = Readonly<{
  asked: string;
  kind: 'file' | 'key';
  sha256?: string;
  jobs: readonly Job[];
  trouble?: ReturnType<typeof errorView>;
}>;

/** What the ledger has besides: the last audit's word of keys, and whether a program is at work. */
type Besides = Readonly<{ refuted: ReadonlyMap<string, RefutedReason>; isAtWork: boolean }>;

export const where: Verb = (program, run) => {
  program.command('where <what...>').action(
    run(async (context, asked: string[]) => {
      const { database } = context.home();
      const jobs = jobStore(database, Date.now);
      const folders = folderStore(database, Date.now);
      const ledger = { jobs, folders, presence: peekPresence(folders, jobs) };
      const here = context.place();
      const audits = auditStore(database);
      const besides = { refuted: audits.refutedKeys(), isAtWork: context.isAtWork() };
      const links = linkStore(database);
      const linksTo = (key: string): Link[] =>
        here === undefined || besides.refuted.has(key)
          ? []
          : links.workingOf(key, here, Date.now());
      const found: ReturnType<typeof viewOf>[] = [];
      const lines: string[] = [];
      for (const what of asked) {
        const answer = await find(jobs, context, what);
        const places = await Promise.all(answer.jobs.map((job) => placeOf(ledger, job)));
        const keys = new Set(answer.jobs.flatMap((job) => keyOf(job) ?? []));
        const working = [...keys].flatMap(linksTo);
        found.push(viewOf(answer, places, working, besides));
        lines.push(...linesOf(answer, places, working, besides));
      }
      const comparedWith = audits.clock()?.place;
      const other = otherText(here, comparedWith);
      context.output.answer(
        { found, storage: here ?? null, comparedWith: comparedWith ?? null },
        [...lines, ...(other ? [other] : []), LIST_ONLY].join('\n'),
      );
      const isStored = found.every(({ uploads }) =>
        uploads.some(({ state, refuted }) => state === 'verified' && refuted === undefined),
      );
      return isStored && !other ? EXIT.done : EXIT.someFailed;
    }),
  );
};

const LIST_ONLY =
  'So says the list of this computer; the storage was not asked. To compare them: pansea-sync audit';

/** What was sent may lie in another storage than the settings' one. @param here As of `Remote.place`, and the other. */
function otherText(here: string | undefined, comparedWith: string | undefined): string | undefined {
  if (here === undefined)
    return 'No storage is set up here, or its settings are wrong: what was stored may be in one that the settings do not name.';
  return comparedWith === undefined || comparedWith === here
    ? undefined
    : `The settings name ${printable(here)}. The list was last compared with another storage, ${printable(comparedWith)}: what was stored may be there.`;
}

async function find(jobs: JobStore, context: Context, asked: string): Promise<Answer> {
  const path = context.toPath(asked);
  try {
    return (await findFile(jobs, path, context.signal)) ?? findGone(jobs, path, asked);
  } catch (error) {
    if (!(error instanceof AppError) || error.scope !== 'file') throw error;
    return { asked: path, kind: 'file', jobs: [], trouble: errorView(error, 'where') };
  }
}

/** @throws AppError `not-a-file`, `file-unreadable`: what cannot be read is not unknown. */
async function findFile(
  jobs: JobStore,
  path: string,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const seen = await look(path);
  if (seen.kind === 'skipped') {
    if (seen.code === undefined) return undefined;
    throw new AppError(seen.code, seen.reason);
  }
  const { sighting } = seen;
  const ofVersion = jobs.ofVersion(sighting);
  // Without bytes it has nothing to be known by: all empty files are alike.
  if (sighting.sizeBytes === 0) return { asked: path, kind: 'file', jobs: ofVersion };
  const sha256 = await read(sighting, signal);
  // One that waits may not have been read yet.
  const waiting = ofVersion.filter(({ fingerprint }) => fingerprint === undefined);
  return { asked: path, kind: 'file', sha256, jobs: [...jobs.ofContent(sha256, NONE), ...waiting] };
}

async function read(sighting: Sighting, signal: AbortSignal): Promise<string> {
  const { device, inode, ctimeNs, ...version } = sighting;
  try {
    return await rehash({ ...version, file: { device, inode, ctimeNs } }, signal);
  } catch (error) {
    // Their own words are of an upload.
    if (error instanceof AppError && ['file-changed', 'file-gone'].includes(error.code))
      throw new AppError('file-unreadable', 'it changed or went away while it was read');
    throw error;
  }
}

function findGone(jobs: JobStore, path: string, asked: string): Answer {
  const before = jobs.ofPath(path);
  return before.length > 0
    ? { asked: path, kind: 'file', jobs: before }
    : { asked, kind: 'key', jobs: jobs.ofObject(asked) };
}

const keyOf = ({ state, key }: Job): string | undefined =>
  state.kind === 'verified' ? (state.sameAs ?? key) : key;

const refutedOf = (job: Job, { refuted }: Besides): RefutedReason | undefined =>
  job.state.kind === 'verified' ? refuted.get(keyOf(job)!) : undefined;

function viewOf(
  { asked, kind, sha256, jobs, trouble }: Answer,
  places: readonly FilePlace[],
  links: readonly Link[],
  besides: Besides,
) {
  return {
    asked,
    kind,
    sha256,
    uploads: jobs.map((job, i) => {
      const { id, path, reason } = jobView(job);
      return {
        id,
        path,
        file: places[i]!,
        key: keyOf(job) ?? null,
        state: stateOf(job, besides),
        reason,
        refuted: refutedOf(job, besides),
      };
    }),
    links: links.map(({ id, note, expiresAtMs }) => ({
      id,
      note: note ?? undefined,
      expiresAt: new Date(expiresAtMs).toISOString(),
    })),
    trouble,
  };
}

/** What a kill has left begun waits like the rest. */
const stateOf = ({ state: { kind } }: Job, { isAtWork }: Besides) =>
  isAtWork ? kind : atRest(kind);

const PLACES: Readonly<Record<FilePlace, string>> = {
  here: 'which is there',
  gone: 'which is not there any more, or has changed',
  unreachable: 'which cannot be looked at now',
  elsewhere: 'which is not of this computer',
};

const REFUTED: Readonly<Record<RefutedReason, readonly [word: string, text: string]>> = {
  'missing-in-bucket': [
    'missing',
    'The last audit or verification did not find it in the storage. Keep every copy of the file, and ask an admin who removed the object.',
  ],
  'missing-everywhere': [
    'missing',
    'The last audit or verification did not find it in the storage, nor its file here. Look for a copy, and ask an admin, soon.',
  ],
  'differs-in-bucket': [
    'differs',
    'The last audit or verification found that the object in the storage is not what was sent. Keep every copy of the file, and show this to an admin.',
  ],
};

function linesOf(
  { asked, kind, jobs, trouble }: Answer,
  places: readonly FilePlace[],
  links: readonly Link[],
  besides: Besides,
): string[] {
  if (trouble) {
    const { title, detail, remedy } = trouble;
    return [printable(asked), `  ${[title, detail].filter(Boolean).join(': ')}. ${remedy}`];
  }
  const none =
    kind === 'file'
      ? 'not sent from this computer, as far as its list knows: neither it nor the same bytes'
      : 'neither a file that is here nor an object that was sent from this computer, as far as its list knows';
  return [
    printable(asked),
    ...(jobs.length === 0 ? [`  ${none}`] : []),
    ...jobs.flatMap((job, i) => {
      const key = keyOf(job);
      const refuted = refutedOf(job, besides);
      const [word, why] = refuted ? REFUTED[refuted] : [stateOf(job, besides), reasonText(job)];
      return [
        `  ${word.padEnd(10)}${key === undefined ? 'no key yet' : printable(key)}`,
        `            from ${printable(job.path)}, ${PLACES[places[i]!]}`,
        ...(why ? [`            ${why}`] : []),
      ];
    }),
    ...(links.length > 0 ? [`  ${workingLinksText(links)}`] : []),
  ];
}
