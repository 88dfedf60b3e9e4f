import { DAY_MS } from './time.ts';
import { AppError } from './errors.ts';
import { count, formatDeadline, printable } from './format.ts';

/** The longest life of a SigV4 presigned URL: seven days, in seconds (S3 user guide, "Sharing objects with presigned URLs"). */
export const MAX_LINK_SECONDS = 604_800;

/** What can end one. `copy`: the readable copy of an archived recording. */
export const linkEnds = ['asked', 'seven-days', 'credentials', 'copy'] as const;

export type LinkExpiry = Readonly<{
  expiresAtMs: number;
  because: (typeof linkEnds)[number];
}>;

/** Of one that temporary keys have signed whose end nobody has told. */
export const MAY_END_SOONER =
  'It may stop working sooner: the sign-in that signs links is temporary, and when it ends is not known.';

/**
 * When a link really stops working, and which of four limits ends it: the time asked for, the seven
 * days that S3 allows, the credentials that signed it, or the copy that it opens.
 *
 * @param nowMs                 Unix milliseconds.
 * @param expiresInSeconds      What was asked for, ≥ 1.
 * @param credentialsExpireAtMs Unix milliseconds; `undefined` for long-lived keys.
 * @param copyEndsAtMs          Unix milliseconds; `undefined` for what is in no archive.
 * @throws AppError `sign-in-expired` when the credentials have already ended, `object-archived` when the copy has.
 */
export function linkExpiry(
  nowMs: number,
  expiresInSeconds: number,
  credentialsExpireAtMs: number | undefined,
  copyEndsAtMs?: number,
): LinkExpiry {
  const askedMs = nowMs + expiresInSeconds * 1_000;
  const longestMs = nowMs + MAX_LINK_SECONDS * 1_000;
  const signedMs = Math.min(askedMs, longestMs);
  if (copyEndsAtMs !== undefined && copyEndsAtMs <= nowMs) throw new AppError('object-archived');
  if (credentialsExpireAtMs !== undefined && credentialsExpireAtMs < signedMs) {
    if (credentialsExpireAtMs <= nowMs) throw new AppError('sign-in-expired');
    if (credentialsExpireAtMs <= (copyEndsAtMs ?? Infinity))
      return { expiresAtMs: credentialsExpireAtMs, because: 'credentials' };
  }
  if (copyEndsAtMs !== undefined && copyEndsAtMs < signedMs)
    return { expiresAtMs: copyEndsAtMs, because: 'copy' };
  return { expiresAtMs: signedMs, because: askedMs <= longestMs ? 'asked' : 'seven-days' };
}

/**
 * Whether whoever made a link is reminded of its end: it has a day left at most, and not more than half of its
 * life. One that was made for less than a day is meant to end soon: nobody is reminded of it.
 */
export function endsSoon(
  { createdAtMs, expiresAtMs }: Readonly<{ createdAtMs: number; expiresAtMs: number }>,
  nowMs: number,
): boolean {
  const lifeMs = expiresAtMs - createdAtMs;
  const leftMs = expiresAtMs - nowMs;
  return lifeMs >= DAY_MS && leftMs > 0 && leftMs <= Math.min(DAY_MS, lifeMs / 2);
}

/** As the tray, the desktop's note and the page say it. */
export const endingText = (links: number): string =>
  `${count(links, 'link')} ${links === 1 ? 'ends' : 'end'} within a day`;

/** What renewing does: the former address cannot be taken back. */
export const RENEWED =
  'The new link has an address of its own. The former one works until its own end, too.';

/** So many of those that end with a recording are named. */
const NAMED_LINKS = 3;
type Named = Readonly<{ note: string | null; expiresAtMs: number }>;

/** After those that are named: the storage tells nobody of any others. */
export const ALSO_ELSEWHERE = 'So does any that was made elsewhere.';

/** Which links end when their object is deleted, for who is about to. @param also `other`: beside one that is meant to end. */
export function lostLinksText(links: readonly Named[], also: 'other' | '' = ''): string {
  const [kind, too] = also === 'other' ? ['other link', ', too'] : ['link', ''];
  if (links.length === 0)
    return `No ${kind} to the recording that was made here works now. Any that was made elsewhere stops working.`;
  const verb = links.length === 1 ? 'stops' : 'stop';
  return `${count(links.length, kind)} to the recording ${verb} working${too}: ${namedText(links)}. ${ALSO_ELSEWHERE}`;
}

/** Which links open an object now. @param links One at least. */
export const workingLinksText = (links: readonly Named[]): string =>
  `${count(links.length, 'link')} to it ${links.length === 1 ? 'works' : 'work'} now: ${namedText(links)}.`;

/** For whom they were made, else until when they work: those that read the same are counted. */
function namedText(links: readonly Named[]): string {
  const alike = new Map<string, number>();
  for (const { note, expiresAtMs } of links) {
    const words = note ? `“${printable(note)}”` : `until ${formatDeadline(expiresAtMs)}`;
    alike.set(words, (alike.get(words) ?? 0) + 1);
  }
  const shown = [...alike].slice(0, NAMED_LINKS);
  const named = shown.map(([words, number]) =>
    words.startsWith('“')
      ? `${words}${number > 1 ? ` (${number})` : ''}`
      : `the ${number > 1 ? number : 'one'} ${words}`,
  );
  const more = shown.reduce((left, [, number]) => left - number, links.length);
  return listText(more > 0 ? [...named, `${more} more`] : named);
}

function listText(words: readonly string[]): string {
  const rest = words.slice(0, -1).join(', ');
  return rest === '' ? words.join('') : `${rest} and ${words.at(-1)}`;
}
