/** @file The calls about links: making them, and the list of those that were made here. */
import type { Api, ApiEvent } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import { count } from '#shared/format.ts';
import type { LinkFilter } from '#shared/api/stored.ts';
import { assertKnown } from '../library/objects.ts';
import { createLink, createLinkPage, signAgain } from '../library/share.ts';
import { saveText } from './save-text.ts';
import { linksWith, linkView } from './views.ts';
import type { Desktop } from '../desktop.ts';
import type { Session } from './session.ts';
import type { Remote } from '../s3/remote.ts';

type Options = Readonly<{
  session: () => Session;
  /** @throws AppError while there is no storage. */
  remote: () => Remote;
  desktop: Desktop;
  nowMs: () => number;
  emit: (event: ApiEvent) => void;
  /** Ends requests when the host ends. */
  signal: AbortSignal;
}>;

type LinkCalls = Pick<Api, 'createLink' | 'saveLinkPage' | 'signLink' | 'listLinks'>;

export function createLinkCalls(options: Options): LinkCalls {
  const { session, remote, desktop, nowMs, emit, signal } = options;
  const on = () => ({ remote: remote(), links: session().links, nowMs });

  return {
    async createLink(request) {
      assertKnown(session(), request.key);
      const { url, because, link } = await createLink(on(), request, signal);
      emit({ type: 'status' });
      return { url, because, link: linkView(link, nowMs(), remote()) };
    },
    async saveLinkPage({ keys, ...choices }) {
      for (const key of keys) assertKnown(session(), key);
      const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
      let made: Awaited<ReturnType<typeof createLinkPage>> | undefined;
      const make = async () => {
        made = await createLinkPage({ ...on(), timeZone }, keys, choices, signal).catch(
          (error: unknown) => {
            throw withName(session(), error);
          },
        );
        return made.html;
      };
      const name = `${count(keys.length, 'recording')}.html`;
      const path = await saveText(desktop, name, make).catch((error: unknown) => {
        made?.notSaved(error);
        throw error;
      });
      emit({ type: 'status' });
      if (path === null || made === undefined) return { saved: null };
      const { html: _, notSaved: __, ...facts } = made;
      return { saved: { path, ...facts } };
    },
    signLink: ({ id }) => signAgain(on(), id, signal),
    async listLinks({ filter, words, offset, limit }) {
      const { links, remote: connected } = session();
      const views = links.list().map((link) => linkView(link, nowMs(), connected));
      const all = linksWith(views, words);
      const live = all.filter(({ state }) => state === 'live');
      const by = {
        all,
        live,
        ending: live.filter((link) => link.isEndingSoon),
        ended: all.filter(({ state }) => state !== 'live'),
      } satisfies Record<LinkFilter, unknown>;
      const rows = by[filter];
      return {
        rows: rows.slice(offset, offset + limit),
        total: rows.length,
        counts: {
          all: all.length,
          live: live.length,
          ending: by.ending.length,
          ended: by.ended.length,
        },
      };
    },
  };
}

/** Of several recordings a person knows by its name which one is meant. */
function withName({ objects }: Session, error: unknown): unknown {
  if (!(error instanceof AppError) || error.scope === 'storage') return error;
  const name = objects.nameOf(error.message);
  return name === null ? error : new AppError(error.code, name, { cause: error });
}
