import { Option } from 'commander';
import { existsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { count, formatBytes, formatDeadline, printable } from '#shared/format.ts';
import { MAX_PAGE_FILES } from '#shared/link-page.ts';
import { MAX_LINK_SECONDS, MAY_END_SOONER, RENEWED } from '#shared/link.ts';
import { saveNew } from '../save-new.ts';
import { createLink, createLinkPage, renewLink } from '../../engine/library/share.ts';
import {
  isEndingSoon,
  linkState,
  linkStore,
  type Link,
  type LinkMode,
} from '../../engine/store/links.ts';
import type { Context } from '../context.ts';
import { objectKey, objectKeys, seconds, whole } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

type UrlOptions = Readonly<{ expiresIn?: number; mode: LinkMode; note?: string }>;
type PageOptions = UrlOptions & Readonly<{ out: string }>;
const BECAUSE = {
  asked: '',
  'seven-days': ' (seven days is the longest that S3 allows)',
  credentials: ' (your sign-in ends then)',
  copy: ' (the readable copy of this archived recording ends then)',
} as const;
const STATES = ['live', 'ending', 'expired', 'dead'] as const;
const NOTE = 'for the record: who it is for';
const modeOption = () =>
  new Option('--mode <mode>', 'open in the browser, or save')
    .choices(['watch', 'download'])
    .default('download');
const EXPIRES = '--expires-in <seconds>';

export const links: Verb = (program, run) => {
  program
    .command('url')
    .argument('<key>', 'as list shows it', objectKey)
    .option(EXPIRES, `how long it works, at most ${MAX_LINK_SECONDS}; an hour unless said`, seconds)
    .addOption(modeOption())
    .option('--note <text>', NOTE)
    .action(
      run(async (context, key: string, { expiresIn, mode, note }: UrlOptions) => {
        const remote = await context.remote();
        const store = linkStore(context.home().database);
        const made = await createLink(
          { remote, links: store, nowMs: Date.now },
          { key, expiresInSeconds: expiresIn, mode, note },
          context.signal,
        );
        return answer(context, made);
      }),
    );

  program
    .command('link-page')
    .argument('<key...>', 'as list shows it', objectKeys)
    .requiredOption('--out <file>', 'the page, which is a new file')
    .option(EXPIRES, 'how long its links work; an hour unless said', seconds)
    .addOption(modeOption())
    .option('--note <text>', NOTE)
    .action(
      run(async (context, keys: string[], { out, expiresIn, mode, note }: PageOptions) => {
        if (keys.length > MAX_PAGE_FILES)
          throw new AppError('usage', `A page has ${MAX_PAGE_FILES} links at most`);
        const path = context.toPath(out);
        // What cannot be saved shares nothing: this is found out before there is any link.
        if (existsSync(path)) throw new AppError('usage', `${path} is there already`);
        const remote = await context.remote();
        const store = linkStore(context.home().database);
        const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
        const { html, notSaved, files, sizeBytes, endsAtMs, mayEndSooner } = await createLinkPage(
          { remote, links: store, nowMs: Date.now, timeZone },
          keys,
          { expiresInSeconds: expiresIn, mode, note },
          context.signal,
        );
        await saveNew(path, html).catch((error: unknown) => {
          notSaved(error);
          throw error;
        });
        if (mayEndSooner) context.output.note(MAY_END_SOONER);
        const endsAt = new Date(endsAtMs).toISOString();
        context.output.answer(
          { path, files, sizeBytes, endsAt, mayEndSooner },
          `Saved ${printable(path)}: ${count(files, 'link')} to ${formatBytes(sizeBytes)} together; the first of them ends ${endText(endsAtMs, mayEndSooner)}. Anyone who has the page can use its links.`,
        );
        return EXIT.done;
      }),
    );

  program
    .command('renew')
    .argument('<number>', 'of the link, as links shows it', whole(1))
    .option(EXPIRES, 'how long the new one works; as long as that one unless said', seconds)
    .action(
      run(async (context, id: number, { expiresIn }: Pick<UrlOptions, 'expiresIn'>) => {
        const remote = await context.remote();
        const store = linkStore(context.home().database);
        const made = await renewLink(
          { remote, links: store, nowMs: Date.now },
          { id, expiresInSeconds: expiresIn },
          context.signal,
        );
        const former = store.get(id);
        if (former && linkState(former, Date.now()) === 'live') context.output.note(RENEWED);
        return answer(context, made);
      }),
    );

  program
    .command('links')
    .addOption(
      new Option('--state <state>', 'only these; ending: live ones on their last day').choices([
        ...STATES,
      ]),
    )
    .action(
      run(async (context, { state }: { state?: (typeof STATES)[number] }) => {
        const here = context.place();
        const views = linkStore(context.home().database)
          .list()
          .filter((link) => state !== 'ending' || isEndingHere(link, here))
          .map((link) => linkView(link, Date.now()))
          .filter((link) => state === undefined || state === 'ending' || link.state === state);
        const lines = views.map((link) => line(link, here));
        context.output.answer({ links: views }, lines.join('\n') || 'No links.');
        return EXIT.done;
      }),
    );
};

function answer(
  { output }: Context,
  { url, link, because }: Awaited<ReturnType<typeof createLink>>,
) {
  const { id, expiresAtMs, mayEndSooner } = link;
  const expiresAt = new Date(expiresAtMs).toISOString();
  output.note(
    `Works until ${endText(expiresAtMs, mayEndSooner)}${BECAUSE[because]}. It cannot be recalled; anyone who has it can use it.`,
  );
  if (mayEndSooner) output.note(MAY_END_SOONER);
  output.answer({ id, url, expiresAt, expiresBecause: because, mayEndSooner }, url);
  return EXIT.done;
}

/** One of another bucket cannot be renewed here. */
const isEndingHere = (link: Link, here: string | undefined): boolean =>
  link.place === here && isEndingSoon(link, Date.now());

function line(link: ReturnType<typeof linkView>, here: string | undefined): string {
  const { id, state, expiresAt, mayEndSooner, name, note, place, renewedBy } = link;
  const words = [
    String(id).padStart(4),
    state.padEnd(8),
    `until ${endText(Date.parse(expiresAt), mayEndSooner)} `,
    printable(name),
    note && ` (${printable(note)})`,
    renewedBy !== undefined && ` (renewed by ${renewedBy})`,
    place !== here && ` [${place === null ? 'bucket not on record' : printable(place)}]`,
  ];
  return words.filter(Boolean).join(' ');
}

/** With its zone: a link's end is a promise. */
const endText = (ms: number, mayEndSooner: boolean): string =>
  `${formatDeadline(ms)}${mayEndSooner ? ' at most' : ''}`;

function linkView(link: Link, nowMs: number) {
  const { id, place, renewedBy, key, name, createdAtMs, expiresAtMs, mayEndSooner, mode, note } =
    link;
  return {
    id,
    place,
    key,
    name,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
    mayEndSooner,
    mode,
    ...(note === null ? {} : { note }),
    ...(renewedBy === null ? {} : { renewedBy }),
    state: linkState(link, nowMs),
  };
}
