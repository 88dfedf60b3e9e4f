/** @file What happened here, as it is told afterwards: to whoever was away, and for the record. A part of the contract in api.ts. */
import { z } from 'zod';
import { wordsOf } from '../troubles/catalogue.ts';
import { count } from '../format.ts';
import { errorCodes } from '../errors.ts';
import { holdReasons } from '../job.ts';

/** What a line can be about. */
export const historyKinds = [
  'verified',
  'held',
  'failed',
  'dismissed',
  'deleted',
  'returned',
  'link',
  'restored',
  'folder-added',
  'folder-left',
  'folder-away',
  'folder-back',
  'storage-away',
  'storage-back',
  'scanner-away',
  'scanner-back',
  'hook-away',
  'hook-back',
  'disk-low',
  'disk-back',
  'compared',
  'missed',
  'not-compared',
  'opened',
  'closed',
  'resumed',
  'slept',
  'woke',
] as const;
export type HistoryKind = (typeof historyKinds)[number];

/** Recordings to which the same happened one after the other are told together. */
export const groupedKinds: readonly HistoryKind[] = [
  'verified',
  'held',
  'failed',
  'dismissed',
  'deleted',
  'returned',
];

export const historyLine = z.object({
  /** Of its newest part. */
  id: z.int(),
  kind: z.enum(historyKinds),
  /** Unix milliseconds, of its first part and of its last. */
  fromMs: z.int(),
  atMs: z.int(),
  /** Recordings that it is about. */
  files: z.int(),
  /** Of recordings or of a folder, the newest first, a few at most. */
  names: z.array(z.string()),
  classId: z.string().nullable(),
  code: z.enum([...errorCodes, ...holdReasons]).nullable(),
  /** When a link or a readable copy ends, Unix milliseconds; how many uploads went on, or recordings were compared. */
  number: z.int().nullable(),
});
export type HistoryLine = z.output<typeof historyLine>;

/** The weight of a line: done well · needs a look · simply so. */
export type HistoryTone = 'done' | 'help' | 'waiting' | 'aside';

const tones: Record<HistoryKind, HistoryTone> = {
  verified: 'done',
  held: 'help',
  failed: 'help',
  dismissed: 'aside',
  deleted: 'aside',
  returned: 'done',
  link: 'aside',
  restored: 'done',
  'folder-added': 'aside',
  'folder-left': 'aside',
  'folder-away': 'waiting',
  'folder-back': 'done',
  'storage-away': 'waiting',
  'storage-back': 'done',
  'scanner-away': 'waiting',
  'scanner-back': 'done',
  'hook-away': 'waiting',
  'hook-back': 'done',
  'disk-low': 'waiting',
  'disk-back': 'done',
  compared: 'done',
  missed: 'help',
  'not-compared': 'aside',
  opened: 'aside',
  closed: 'aside',
  resumed: 'aside',
  slept: 'aside',
  woke: 'aside',
};
export const toneOf = ({ kind }: Pick<HistoryLine, 'kind'>): HistoryTone => tones[kind];

/** What happened, in a sentence. @param timeText How a time is written where it is read. */
export function historyText(line: HistoryLine, timeText: (ms: number) => string): string {
  const { kind, files, names, code, number } = line;
  const [name = ''] = names;
  const who = files === 1 ? `“${name}”` : count(files, 'recording');
  const why = code === null ? '' : lowered(wordsOf(code).title);
  const was = files === 1 ? 'was' : 'were';
  const texts: Record<HistoryKind, string> = {
    verified: `${who} ${was} stored and checked`,
    held: `${who} ${files === 1 ? 'waits' : 'wait'} for you: ${why}`,
    failed: `${who} could not go up: ${why}`,
    dismissed: `${who} ${was} dismissed, and ${files === 1 ? 'is' : 'are'} not uploaded`,
    deleted: `${who} ${was} deleted from the storage`,
    returned: `${who} ${was} brought back in the storage`,
    link: `A link to “${name}” was made${number === null ? '' : `, to work until ${timeText(number)}`}`,
    restored: `“${name}” can be read again${number === null ? '' : `, until ${timeText(number)}`}`,
    'folder-added': `The folder ${name} is followed`,
    'folder-left': `The folder ${name} is not followed any more`,
    'folder-away': `The folder ${name} was not connected; its recordings waited`,
    'folder-back': `The folder ${name} was there again`,
    'storage-away': `Uploads waited: ${why}`,
    'storage-back': 'The storage could be used again; uploads went on',
    'scanner-away': `Recordings waited: ${why}`,
    'scanner-back': 'The virus scanner worked again',
    'hook-away': 'The program that is told of recordings failed; uploads went on',
    'hook-back': 'The program that is told of recordings worked again',
    'disk-low': 'New recordings waited: almost no disk space was left',
    'disk-back': 'There was enough disk space again',
    compared: `The storage was compared with the list: ${count(number ?? 0, 'recording')} ${number === 1 ? 'is' : 'are'} there, none was found missing`,
    missed: `The storage was compared with the list: ${count(number ?? 0, 'stored recording')} ${number === 1 ? 'is' : 'are'} missing or changed there`,
    'not-compared': `The storage could not be compared with the list: ${why}`,
    opened: 'Pan-Sea Sync was opened',
    closed: 'Pan-Sea Sync was closed',
    resumed: `After an unexpected stop ${count(number ?? 0, 'upload')} went on where ${number === 1 ? 'it' : 'they'} stopped`,
    slept: 'The computer went to sleep',
    woke: 'The computer woke up; uploads went on',
  };
  return texts[kind];
}

/** Which recordings, where a line is about more than one. */
export function historyNames({ files, names }: HistoryLine): string | null {
  if (files < 2) return null;
  const more = files - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

/** In the middle of a sentence; names such as Zoom stay as they are. */
function lowered(title: string): string {
  return /^(?:The|This|A|Almost|Larger|Smaller|Not|Its|Looks|Something|Uploaded|Another|There|Settings)\b/.test(
    title,
  )
    ? title.charAt(0).toLowerCase() + title.slice(1)
    : title;
}

const classId = z.string().max(128).nullable();

export const historyCalls = {
  /** The newest first. `classId`: null for all of it. */
  listHistory: {
    input: z.object({ classId, offset: z.int().min(0), limit: z.int().min(1).max(500) }),
    output: z.object({
      rows: z.array(historyLine),
      total: z.int(),
      /** Classes that a line is about. */
      classes: z.array(z.string()),
    }),
  },
  /** All of it as a table, to where a person says; null when the dialog was closed. */
  exportHistory: {
    input: z.object({ classId }),
    output: z.object({ path: z.string().nullable() }),
  },
} as const;
