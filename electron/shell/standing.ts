/** @file What is said of how things are where nobody looks at the window: by the icon beside the clock, and by notes. */
import type { StatusView } from '#shared/api.ts';
import { catalogue } from '#shared/troubles/catalogue.ts';
import { count } from '#shared/format.ts';

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

export type News = Readonly<{ title: string; text: string }>;

/** Several recordings that come to need a person one after the other are told of together. */
const AGAIN_MS = 60 * 60_000;

/**
 * Tells what only a person can end, once: files when the first of them needs somebody, and more of them an
 * hour later at the soonest; a trouble of the storage or the library when it begins.
 */
export function createNews(nowMs: () => number) {
  let files = 0;
  let toldAtMs = -Infinity;
  let code: string | undefined;

  /** @param isSeen Whether the person has the window before them, which says the same. */
  return (status: StatusView, isSeen: boolean): News | undefined => {
    const trouble = lasting(status);
    const { needYou } = status;
    const isNewTrouble = trouble !== undefined && trouble.code !== code;
    const areMore = needYou > files && (files === 0 || nowMs() - toldAtMs >= AGAIN_MS);
    code = trouble?.code;
    if (needYou < files || areMore || isSeen) files = needYou;
    if (isSeen) return undefined;
    if (areMore) toldAtMs = nowMs();
    if (isNewTrouble) return { title: trouble.title, text: trouble.remedy };
    if (!areMore) return undefined;
    const title = `${count(needYou, 'recording')} ${needYou === 1 ? 'needs' : 'need'} you`;
    return { title, text: 'Open Pan-Sea Sync to see why, and what to do.' };
  };
}
