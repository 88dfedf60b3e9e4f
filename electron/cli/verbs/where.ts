/** @file Where a file is in the storage, and where an object's file is here: by its bytes, whatever it is called by now. */
import type { FilePlace } from '#shared/api/stored.ts';
import { printable } from '#shared/format.ts';
import { workingLinksText } from '#shared/link.ts';
import { AppError } from '#shared/errors.ts';
import { rehash } from '../../engine/audit/rehash.ts';
import { placeOf } from '../../engine/library/file-place.ts';
import { folderStore } from '../../engine/store/folders.ts';
import { jobStore, type Job, type JobStore } from '../../engine/store/jobs.ts';
import { linkStore, type Link } from '../../engine/store/links.ts';
import { peekPresence } from '../../engine/watch/presence.ts';
import { look } from '../../engine/watch/scan.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../output.ts';
import { jobView, reasonText } from '../present.ts';
import type { Verb } from '../program.ts';

/** No job has this number: none is left out. */
const NONE = 0;

/** What is known of one thing that was asked for. `sha256` of a file that could be read. */
type Answer = Readonly<{
  asked: string;
  kind: 'file' | 'key';
  sha256?: string;
  jobs: readonly Job[];
}>;

export const where: Verb = (program, run) => {
  program.command('where <what...>').action(
    run(async (context, asked: string[]) => {
      const { database } = context.home();
      const jobs = jobStore(database, Date.now);
      const folders = folderStore(database, Date.now);
      const ledger = { jobs, folders, presence: peekPresence(folders, jobs) };
      const here = context.place();
      const links = linkStore(database);
      const linksTo = (key: string | undefined): Link[] =>
        key === undefined || here === undefined ? [] : links.workingOf(key, here, Date.now());
      const found: ReturnType<typeof viewOf>[] = [];
      const lines: string[] = [];
      for (const what of asked) {
        const answer = await find(jobs, context, what);
        const places = await Promise.all(answer.jobs.map((job) => placeOf(ledger, job)));
        const keys = new Set(answer.jobs.flatMap((job) => keyOf(job) ?? []));
        const working = [...keys].flatMap(linksTo);
        found.push(viewOf(answer, places, working));
        lines.push(...linesOf(answer, places, working));
      }
      context.output.answer({ found }, lines.join('\n'));
      const isStored = found.every(({ uploads }) =>
        uploads.some(({ state }) => state === 'verified'),
      );
      return isStored ? EXIT.done : EXIT.someFailed;
    }),
  );
};

/** @throws AppError as reading a file: what cannot be read is not unknown. */
async function find(jobs: JobStore, { toPath, signal }: Context, asked: string): Promise<Answer> {
  const path = toPath(asked);
  const seen = await look(path);
  if (seen.kind === 'file') {
    const { device, inode, ctimeNs, ...version } = seen.sighting;
    const sha256 = await rehash({ ...version, file: { device, inode, ctimeNs } }, signal);
    const same = jobs.ofContent(sha256, NONE);
    // One that waits may not have been read yet.
    const waiting = jobs.ofVersion(version).filter(({ fingerprint }) => fingerprint === undefined);
    return { asked: path, kind: 'file', sha256, jobs: [...same, ...waiting] };
  }
  if (seen.code !== undefined) throw new AppError(seen.code, path);
  const before = jobs.ofPath(path);
  return before.length > 0
    ? { asked: path, kind: 'file', jobs: before }
    : { asked, kind: 'key', jobs: jobs.ofObject(asked) };
}

const keyOf = ({ state, key }: Job): string | undefined =>
  state.kind === 'verified' ? (state.sameAs ?? key) : key;

function viewOf(
  { asked, kind, sha256, jobs }: Answer,
  places: readonly FilePlace[],
  links: readonly Link[],
) {
  return {
    asked,
    kind,
    sha256,
    uploads: jobs.map((job, i) => {
      const { id, path, state, reason } = jobView(job);
      return { id, path, file: places[i]!, key: keyOf(job) ?? null, state, reason };
    }),
    links: links.map(({ id, note, expiresAtMs }) => ({
      id,
      note: note ?? undefined,
      expiresAt: new Date(expiresAtMs).toISOString(),
    })),
  };
}

const PLACES: Readonly<Record<FilePlace, string>> = {
  here: 'which is there',
  gone: 'which is not there any more, or has changed',
  unreachable: 'which cannot be looked at now',
  elsewhere: 'which is not of this computer',
};

function linesOf(
  { asked, kind, jobs }: Answer,
  places: readonly FilePlace[],
  links: readonly Link[],
): string[] {
  const none =
    kind === 'file'
      ? 'not sent from this computer, as far as its list knows: neither it nor the same bytes'
      : 'neither a file that is here nor an object that was sent from this computer, as far as its list knows';
  return [
    printable(asked),
    ...(jobs.length === 0 ? [`  ${none}`] : []),
    ...jobs.flatMap((job, i) => {
      const { state, path } = job;
      const key = keyOf(job);
      const why = reasonText(job);
      return [
        `  ${state.kind.padEnd(10)}${key === undefined ? 'no key yet' : printable(key)}`,
        `            from ${printable(path)}, ${PLACES[places[i]!]}`,
        ...(why ? [`            ${why}`] : []),
      ];
    }),
    ...(links.length > 0 ? [`  ${workingLinksText(links)}`] : []),
  ];
}
