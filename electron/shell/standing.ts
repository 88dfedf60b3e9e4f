/** @file What is said of how things are where nobody looks at the window: by the icon beside the clock, and by notes. */
import type { StatusView } from '#shared/api.ts';
import { catalogue } from '#shared/troubles/catalogue.ts';
import { count, printable } from '#shared/format.ts';
import { endingText, RENEWED } from '#shared/link.ts';
import { DAY_MS, HOUR_MS } from '#shared/time.ts';

/** `unknown`: nothing is followed, or nobody has answered yet. Each has an icon of its own shape. */
export type Standing = 'unknown' | 'safe' | 'working' | 'waiting' | 'attention';

/** What only a person can end. What ends by itself, such as a network that is away, is waited for. */
const lasting = ({ trouble }: StatusView) =>
  trouble !== null && catalogue[trouble.code].retry === 'after-user' ? trouble : undefined;

export function standingOf(status: StatusView): Standing {
  const { safeToLeave, isUnused, isPaused, needYou, counts } = status;
  if (needYou > 0 || lasting(status)) return 'attention';
  if (isUnused) return 'unknown';
  if (safeToLeave) return 'safe';
  const moving = (counts['uploading'] ?? 0) + (counts['verifying'] ?? 0);
  return moving > 0 && !isPaused ? 'working' : 'waiting';
}

export type News = Readonly<{
  title: string;
  text: string;
  page: 'queue' | 'links' | 'library' | 'settings/audit';
}>;

/** What comes one after the other is told of together. */
const AGAIN_MS = { files: HOUR_MS, overdue: DAY_MS, links: 12 * HOUR_MS };

/**
 * Tells what only a person can end, or waits for, once: files when the first of them needs somebody, and more of them an
 * hour later at the soonest; a trouble of the storage or the library when it begins; once a day that uploads have
 * stood for days; that an archived recording can be read again, which somebody here waits for; links that end
 * within a day once nothing else is to be told, and others of them twelve hours later at the soonest.
 */
export function createNews(nowMs: () => number) {
  const files = createGrowth(nowMs, AGAIN_MS.files);
  const links = createGrowth(nowMs, AGAIN_MS.links);
  const restored = createGrowth(nowMs, 0);
  let code: string | undefined;
  let overdueAtMs = -Infinity;

  /** @param isSeen Whether the person has the window before them, which says the same. */
  return (status: StatusView, isSeen: boolean): News | undefined => {
    const trouble = lasting(status);
    const { needYou, refuted, linksEnding, linksEndingLastMs, overdue } = status;
    const isNewTrouble = trouble !== undefined && trouble.code !== code;
    const areMore = files(needYou, isSeen);
    const isOverdue = overdue !== null && nowMs() - overdueAtMs >= AGAIN_MS.overdue;
    code = trouble?.code;
    if (isSeen && isOverdue) overdueAtMs = nowMs();
    // The library was opened anew, and counts from none.
    if (status.restored === null) restored(0, false);
    if (isSeen) return undefined;
    if (isNewTrouble) return { title: trouble.title, text: trouble.remedy, page: 'queue' };
    if (areMore) {
      const title = `${count(needYou, 'recording')} ${needYou === 1 ? 'needs' : 'need'} you`;
      // What is missing in the storage is in no row of the queue.
      const page = refuted === needYou ? 'settings/audit' : 'queue';
      return { title, text: 'Open Pan-Sea Sync to see why, and what to do.', page };
    }
    if (isOverdue) {
      overdueAtMs = nowMs();
      return { title: 'Recordings wait to be sent', text: overdue, page: 'queue' };
    }
    const back = status.restored;
    if (back && restored(back.files, false))
      return { title: restoredText(back), text: readableText(back.files), page: 'library' };
    // The page that is open may be another than that of the links: they are told of when nobody looks.
    if (!links(linksEnding, false, linksEndingLastMs ?? 0)) return undefined;
    const text =
      linksEnding === 1
        ? `Renew it for whoever needs it longer. ${RENEWED}`
        : 'Renew those that somebody needs longer. A new link has an address of its own.';
    return { title: endingText(linksEnding), text, page: 'links' };
  };
}

const readableText = (files: number): string =>
  `${files === 1 ? 'It' : 'They'} can be watched, downloaded and shared now.`;

/** Those that were told of before are counted, too: how many have come since, nobody wants to know. */
const restoredText = ({ files, name }: NonNullable<StatusView['restored']>): string =>
  `${printable(name)}${files === 1 ? '' : ' and others'} can be read again`;

/**
 * Whether there are more of them than were told or seen: the first at once, others after that time at the soonest.
 * One that comes as another goes is told by `lastMs`, the end of the last of them: their number is as before.
 */
function createGrowth(nowMs: () => number, againMs: number) {
  let known = 0;
  let knownLastMs = 0;
  let toldAtMs = -Infinity;
  return (now: number, isSeen: boolean, lastMs = 0): boolean => {
    const areNew = now > known || lastMs > knownLastMs;
    const areMore = areNew && (known === 0 || nowMs() - toldAtMs >= againMs);
    if (now < known || areMore || isSeen) known = now;
    if (areMore || isSeen) knownLastMs = lastMs;
    if (areMore && !isSeen) toldAtMs = nowMs();
    return areMore;
  };
}
