import { Option } from 'commander';
import { AppError } from '#shared/errors.ts';
import { printable } from '#shared/format.ts';
import { MAX_LINK_SECONDS, MAY_END_SOONER } from '#shared/link.ts';
import { createLink } from '../../engine/library/share.ts';
import { placeOf } from '../../engine/s3/client.ts';
import { linkState, linkStore, type Link, type LinkMode } from '../../engine/store/links.ts';
import type { Context } from '../context.ts';
import { objectKey, seconds } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

type UrlOptions = Readonly<{ expiresIn?: number; mode: LinkMode; note?: string }>;
const BECAUSE = {
  asked: '',
  'seven-days': ' (seven days is the longest that S3 allows)',
  credentials: ' (your sign-in ends then)',
  copy: ' (the readable copy of this archived recording ends then)',
} as const;
const STATES = ['live', 'expired', 'dead'] as const;

export const links: Verb = (program, run) => {
  program
    .command('url')
    .argument('<key>', 'as list shows it', objectKey)
    .option(
      '--expires-in <seconds>',
      `how long it works, at most ${MAX_LINK_SECONDS}; an hour unless said`,
      seconds,
    )
    .addOption(
      new Option('--mode <mode>', 'open in the browser, or save')
        .choices(['watch', 'download'])
        .default('download'),
    )
    .option('--note <text>', 'for the record: who it is for')
    .action(
      run(async (context, key: string, { expiresIn, mode, note }: UrlOptions) => {
        const remote = await context.remote();
        const store = linkStore(context.home().database);
        const { url, link, because } = await createLink(
          { remote, links: store, nowMs: Date.now },
          { key, expiresInSeconds: expiresIn, mode, note },
          context.signal,
        );
        const { expiresAtMs, mayEndSooner } = link;
        const expiresAt = new Date(expiresAtMs).toISOString();
        context.output.note(
          `Works until ${endText(expiresAtMs, mayEndSooner)}${BECAUSE[because]}. It cannot be recalled; anyone who has it can use it.`,
        );
        if (mayEndSooner) context.output.note(MAY_END_SOONER);
        context.output.answer({ url, expiresAt, expiresBecause: because, mayEndSooner }, url);
        return EXIT.done;
      }),
    );

  program
    .command('links')
    .addOption(new Option('--state <state>', 'only these').choices([...STATES]))
    .action(
      run(async (context, { state }: { state?: (typeof STATES)[number] }) => {
        const views = linkStore(context.home().database)
          .list()
          .map((link) => linkView(link, Date.now()))
          .filter((link) => state === undefined || link.state === state);
        const here = connected(context);
        const lines = views.map((link) => line(link, here));
        context.output.answer({ links: views }, lines.join('\n') || 'No links.');
        return EXIT.done;
      }),
    );
};

/** Where links are made now; `undefined` while no storage is set up. */
function connected(context: Context): string | undefined {
  try {
    return placeOf(context.settings());
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function line(link: ReturnType<typeof linkView>, here: string | undefined): string {
  const { state, expiresAt, mayEndSooner, name, note, place } = link;
  const words = [
    state.padEnd(8),
    `until ${endText(Date.parse(expiresAt), mayEndSooner)} `,
    printable(name),
    note && ` (${printable(note)})`,
    place !== here && ` [${place === null ? 'bucket not written down' : printable(place)}]`,
  ];
  return words.filter(Boolean).join(' ');
}

const endText = (ms: number, mayEndSooner: boolean): string =>
  `${localTime(ms)}${mayEndSooner ? ' at most' : ''}`;

/** In the user's zone, with its offset: a link's end is a promise. */
function localTime(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' }).format(ms);
}

function linkView(link: Link, nowMs: number) {
  const { place, key, name, createdAtMs, expiresAtMs, mayEndSooner, mode, note } = link;
  return {
    place,
    key,
    name,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
    mayEndSooner,
    mode,
    ...(note === null ? {} : { note }),
    state: linkState(link, nowMs),
  };
}
