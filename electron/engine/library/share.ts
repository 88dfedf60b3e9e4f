import { AppError } from '#shared/errors.ts';
import { linkExpiry, MAX_LINK_SECONDS, type LinkExpiry } from '#shared/link.ts';
import { linkLimitText } from '#shared/school.ts';
import { assertOpens } from './objects.ts';
import type { Remote } from '../s3/remote.ts';
import { refused } from '../school/school.ts';
import type { Link, LinkMode, LinkStore } from '../store/links.ts';

export type LinkRequest = Readonly<{
  key: string;
  /** Unless said, an hour, or less where the school allows no more. */
  expiresInSeconds?: number | undefined;
  mode: LinkMode;
  note?: string | undefined;
}>;

type Made = Readonly<{
  url: string;
  link: Link;
  because: LinkExpiry['because'];
}>;

/** Default life of a link, as the backend's: one hour. */
const DEFAULT_LINK_SECONDS = 3_600;

/**
 * Makes a link to an object that is there, under its own name, and puts it on record. Its end is
 * computed, not echoed: keys that end sooner end the link sooner.
 *
 * @throws AppError `no-object` for a key that the storage does not have, `object-archived` for one that no
 *   link would open, `sign-in-expired`, `set-by-school` for a longer life than the school allows.
 */
export async function createLink(
  context: { remote: Remote; links: LinkStore; nowMs: () => number },
  request: LinkRequest,
  signal: AbortSignal,
): Promise<Made> {
  const { remote, links, nowMs } = context;
  const { limits = {} } = remote;
  const { key, mode, note } = request;
  const longest = limits.longestLinkSeconds ?? Infinity;
  const expiresInSeconds = request.expiresInSeconds ?? Math.min(DEFAULT_LINK_SECONDS, longest);
  if (expiresInSeconds > longest) throw refused(limits, linkLimitText(longest));
  const info = await remote.head(key, signal);
  if (info === undefined) throw new AppError('no-object', key);
  await assertOpens(remote, info, signal);
  // By the storage's clock, which ends the link.
  const createdAtMs = nowMs() - remote.aheadMs();
  const { isTemporary, endsAtMs } = await remote.signIn();
  const { expiresAtMs, because } = linkExpiry(createdAtMs, expiresInSeconds, endsAtMs);
  const name = info.metadata['original_filename'] ?? key.slice(key.lastIndexOf('/') + 1);
  const url = await remote.signDownload(key, {
    expiresInSeconds: Math.min(expiresInSeconds, MAX_LINK_SECONDS),
    mode,
    fileName: name,
    contentType: info.contentType,
  });
  const mayEndSooner = isTemporary && endsAtMs === undefined;
  const made = { key, name, mode, note: note ?? null, createdAtMs, expiresAtMs, mayEndSooner };
  return { url, link: links.insert(made), because };
}
