import pLimit from 'p-limit';
import { AppError } from '#shared/errors.ts';
import { linkExpiry, type LinkExpiry } from '#shared/link.ts';
import { linkPage } from '#shared/link-page.ts';
import { linkLimitText } from '#shared/school.ts';
import { assertOpens, mustHead } from './objects.ts';
import type { Remote } from '../s3/remote.ts';
import { refused } from '../school/school.ts';
import { lookTwice } from '../upload/verify.ts';
import { isMutant } from '../test-hooks.ts';
import { linkState, type Link, type LinkMode, type LinkStore } from '../store/links.ts';

type LinkRequest = Readonly<{
  key: string;
  /** Unless said, an hour, or less where the school allows no more. */
  expiresInSeconds?: number | undefined;
  mode: LinkMode;
  note?: string | undefined;
  /** The link that this one is made in the place of. */
  renews?: number | undefined;
}>;

export type Made = Readonly<{
  url: string;
  link: Link;
  because: LinkExpiry['because'];
  sizeBytes: number;
}>;

/** Default life of a link, as the backend's: one hour. */
const DEFAULT_LINK_SECONDS = 3_600;
/** Of several, so many are asked about at a time. */
const LOOKS_IN_FLIGHT = 8;

type Context = Readonly<{ remote: Remote; links: LinkStore; nowMs: () => number }>;

/**
 * Makes a link to an object that is there, under its own name, and puts it on record. Its end is
 * computed, not echoed: keys that end sooner end the link sooner, and so does the copy of an archived object.
 *
 * @throws AppError `no-object` for a key that the storage does not have, `object-archived` or
 *   `object-restoring` for one that no link would open, `sign-in-expired`, `set-by-school` for a longer life than
 *   the school allows, `usage` for one in the place of a link to something else.
 */
export async function createLink(
  context: Context,
  { key, ...request }: LinkRequest,
  signal: AbortSignal,
): Promise<Made> {
  const [made] = await createLinks(context, [key], request, signal);
  return made!; // One for each key.
}

/**
 * The same for each of several, in their order: when one of them cannot be linked to, or it cannot be seen that it
 * is still there, none stays on record.
 *
 * @throws AppError as `createLink`, of the first that cannot
 */
async function createLinks(
  context: Context,
  keys: readonly string[],
  { mode, note, renews, ...request }: Omit<LinkRequest, 'key'>,
  signal: AbortSignal,
): Promise<Made[]> {
  const { remote, links } = context;
  const longest = remote.limits?.longestLinkSeconds ?? Infinity;
  const expiresInSeconds = request.expiresInSeconds ?? Math.min(DEFAULT_LINK_SECONDS, longest);
  const former = renews === undefined ? undefined : mustLead(context, renews);
  if (former && keys.some((key) => key !== former.key))
    throw new AppError('usage', 'The link to renew is one to another recording');
  const look = pLimit(LOOKS_IN_FLIGHT);
  const signed = await Promise.all(
    keys.map((key) =>
      look(async () => ({
        key,
        ...(await sign(context, { key, mode }, () => expiresInSeconds, signal)),
      })),
    ),
  );
  const made: Made[] = [];
  try {
    for (const { url, because, sizeBytes, ...link } of signed) {
      const row = { ...link, place: remote.place, mode, note: note ?? null };
      made.push({ url, because, sizeBytes, link: links.insert(row) });
    }
    await Promise.all(keys.map((key) => look(() => assertStillThere(context, key, signal))));
  } catch (error) {
    links.takeBack(idsOf(made));
    throw error;
  }
  // Not before: one that nobody is given takes no other's place.
  if (renews !== undefined) for (const { link } of made) links.renew(renews, link);
  return made;
}

const idsOf = (made: readonly Made[]): number[] => made.map(({ link }) => link.id);

/**
 * Whoever deletes an object, here or in another program, marks the links that are on record by then. One that
 * comes on record later is marked by who made it. One "not there" is not enough: all other links to it are marked, too.
 *
 * @throws AppError `no-object` when it was deleted while it was being linked to
 */
async function assertStillThere(
  { remote, links, nowMs }: Context,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await lookTwice(remote, key, signal)) !== undefined) return;
  links.kill(key, remote.place, nowMs());
  throw new AppError('no-object', key);
}

/**
 * Makes a link to each, and a page of them: see `linkPage`.
 *
 * @throws AppError as `createLinks`
 */
export async function createLinkPage(
  context: Context & Readonly<{ timeZone: string }>,
  keys: readonly string[],
  request: Omit<LinkRequest, 'key' | 'renews'>,
  signal: AbortSignal,
) {
  const made = await createLinks(context, [...new Set(keys)], request, signal);
  const files = made.map(({ url, sizeBytes, link: { name, expiresAtMs, mayEndSooner } }) => ({
    name,
    url,
    sizeBytes,
    expiresAtMs,
    mayEndSooner,
  }));
  return {
    /** To be called when the page cannot be saved, with what `toWriteError` gave. */
    notSaved: (error: unknown) => takeBackUnsaved(context, made, error),
    html: linkPage(files, context.timeZone),
    files: files.length,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    /** Of the one that ends first. */
    endsAtMs: Math.min(...files.map(({ expiresAtMs }) => expiresAtMs)),
    mayEndSooner: files.some((file) => file.mayEndSooner),
  };
}

/**
 * Of a page that could not be saved. Where no file could be opened for it, its addresses are nowhere, and its links go
 * off the record; where writing broke off, some of them may be in what is left: all stay.
 */
function takeBackUnsaved({ links }: Context, made: readonly Made[], error: unknown): void {
  const { cause } = error as Error;
  if ((cause as NodeJS.ErrnoException | undefined)?.syscall === 'open') links.takeBack(idsOf(made));
}

/**
 * Makes a link like one of the record: to the same object, for the same use, with the same note, and for as long
 * as that one was made for unless told, or less where the school allows no more.
 *
 * @throws AppError as `createLink`; `usage` for a link that is not on record or does not lead to this storage
 */
export async function renewLink(
  context: Context,
  { id, expiresInSeconds }: Readonly<{ id: number; expiresInSeconds?: number | undefined }>,
  signal: AbortSignal,
): Promise<Made> {
  const { key, mode, note, createdAtMs, expiresAtMs } = mustLead(context, id);
  const longest = context.remote.limits?.longestLinkSeconds ?? Infinity;
  const life = Math.max(60, Math.round((expiresAtMs - createdAtMs) / 1_000));
  const before = Math.min(life, longest);
  const asked = { key, mode, note: note ?? undefined, renews: id };
  return createLink(context, { ...asked, expiresInSeconds: expiresInSeconds ?? before }, signal);
}

/**
 * A link of the record once more, for whoever has it no longer: it ends when that one does, or sooner.
 *
 * @throws AppError as `createLink`; `usage` for one that has ended or does not lead to this storage
 */
export async function signAgain(context: Context, id: number, signal: AbortSignal) {
  const link = mustLead(context, id);
  const ended = new AppError('usage', 'This link has ended: make a new one');
  const secondsLeft = (atMs: number) => {
    const seconds = Math.floor((link.expiresAtMs - atMs) / 1_000);
    if (seconds < 1 || linkState(link, atMs) !== 'live') throw ended;
    return seconds;
  };
  const { url, expiresAtMs, mayEndSooner } = await sign(context, link, secondsLeft, signal);
  return { url, expiresAtMs, mayEndSooner };
}

/** @throws AppError `usage` for a link that is not on record or does not lead to this storage */
function mustLead({ links, remote }: Context, id: number): Link {
  const link = links.get(id);
  if (link === undefined) throw new AppError('usage', `There is no link ${id} on record`);
  if (link.place !== remote.place) throw new AppError('usage', notHere(link));
  return link;
}

const notHere = ({ place }: Link): string =>
  place === null
    ? 'Which bucket this link leads to is not on record: make a new one'
    : `This link leads to ${place}, which is not the bucket that is connected now`;

/** @param secondsAt How long it is to work, by when it is signed: to look at its object may take a while. */
async function sign(
  { remote, nowMs }: Context,
  { key, mode }: Pick<LinkRequest, 'key' | 'mode'>,
  secondsAt: (atMs: number) => number,
  signal: AbortSignal,
) {
  // By the storage's clock, which ends the link.
  const clock = () => nowMs() - remote.aheadMs();
  const { limits = {} } = remote;
  const longest = limits.longestLinkSeconds ?? Infinity;
  if (secondsAt(clock()) > longest) throw refused(limits, linkLimitText(longest));
  const info = await mustHead(remote, key, signal);
  await assertOpens(remote, info, signal);
  const { isTemporary, endsAtMs } = await remote.signIn();
  const createdAtMs = clock();
  const expiresInSeconds = secondsAt(createdAtMs);
  const { readability } = info;
  const copyEndsAtMs = readability.kind === 'restored' ? readability.untilMs : undefined;
  const { expiresAtMs, because } = linkExpiry(
    createdAtMs,
    expiresInSeconds,
    isMutant(23) ? undefined : endsAtMs, // Bug 23: its end is what was asked for.
    copyEndsAtMs,
  );
  const name = info.metadata['original_filename'] ?? key.slice(key.lastIndexOf('/') + 1);
  const url = await remote.signDownload(key, {
    expiresInSeconds: Math.max(1, Math.floor((expiresAtMs - createdAtMs) / 1_000)),
    mode,
    fileName: name,
    contentType: info.contentType,
  });
  const mayEndSooner = isTemporary && endsAtMs === undefined;
  const { sizeBytes } = info;
  return { url, because, sizeBytes, name, createdAtMs, expiresAtMs, mayEndSooner };
}
