/** @file What windows see of the storage: objects, downloads and links. A part of the contract in api.ts. */
import { z } from 'zod';
import { linkEnds, MAX_LINK_SECONDS } from '../link.ts';
import { MAX_PAGE_FILES } from '../link-page.ts';
import { errorCodes } from '../errors.ts';
import { destinationKinds } from '../recording.ts';
import { MAX_RESTORE_DAYS, readability, restoreSpeeds } from '../restore.ts';

/** Half a character of UTF-16 is in no key: there is no way to ask for it. */
export const key = z
  .string()
  .max(1_024)
  .regex(/^\P{Surrogate}+$/u, 'is no key');
/** Unix milliseconds. */
export const ms = z.int();
/** Which rows of a list. */
export const page = { offset: z.int().min(0), limit: z.int().min(1).max(500) };
export const trouble = z.object({
  code: z.enum(errorCodes),
  title: z.string(),
  remedy: z.string(),
});

export const objectView = z.object({
  key: z.string(),
  name: z.string().nullable(),
  kind: z.enum(destinationKinds).nullable(),
  ownerId: z.string().nullable(),
  sizeBytes: z.int(),
  lastModifiedMs: ms,
  storageClass: z.string().nullable(),
  /** Of what lies in an archive class, as far as it is known from here; its details ask the storage. */
  shelf: z.enum(['archived', 'restoring', 'restored']).nullable(),
});
export type ObjectView = z.output<typeof objectView>;

/**
 * Where the file is that an object was sent from. `gone`: not there any more, or another version by now ·
 * `unreachable`: on a disk that is not connected, or does not answer · `elsewhere`: not sent from this computer, as
 * far as its ledger knows.
 */
export const filePlaces = ['here', 'gone', 'unreachable', 'elsewhere'] as const;
export type FilePlace = (typeof filePlaces)[number];

/** For who is about to delete its object in the storage. */
export const filePlaceWords: Readonly<Record<FilePlace, string>> = {
  here: 'The file on this computer stays where it is.',
  gone: 'Its file is not any more where it was sent from: this may be the only copy.',
  unreachable:
    'Whether its file is still on this computer cannot be seen now: this may be the only copy.',
  elsewhere: 'It is not known to have been sent from this computer: this may be the only copy.',
};

export const objectDetails = z.object({
  key: z.string(),
  sizeBytes: z.int(),
  contentType: z.string().nullable(),
  storageClass: z.string(),
  /** With what the storage says that it is encrypted; null when it says nothing. */
  encryption: z.string().nullable(),
  kmsKeyId: z.string().nullable(),
  readability,
  versionId: z.string().nullable(),
  checksum: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  lastModifiedMs: ms,
  file: z.enum(filePlaces),
  /** Links that were made here and work now, the newest first: they end with it. */
  links: z.array(z.object({ id: z.int(), note: z.string().nullable(), expiresAtMs: ms })),
});
export type ObjectDetails = z.output<typeof objectDetails>;

/** What is in an archive is made readable again, which costs: only when a person asks for it. */
export const restoreObject = {
  input: z.object({
    key,
    /** Null where it stays readable for good. */
    days: z.int().min(1).max(MAX_RESTORE_DAYS).nullable(),
    speed: z.enum(restoreSpeeds),
  }),
  output: z.object({ readability }),
} as const;

export const downloadView = z.object({
  id: z.int(),
  key,
  name: z.string(),
  /** Where it is when it is done: until then there is nothing of that name. */
  path: z.string(),
  sizeBytes: z.int(),
  /** As many as `sizeBytes` while it is running: what arrived is being compared. */
  doneBytes: z.int(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** Its bytes have the checksums that were noted at upload or that the storage keeps; without any there is nothing to compare with. */
  verified: z.boolean(),
  trouble: trouble.nullable(),
});
export type DownloadView = z.output<typeof downloadView>;

const linkView = z.object({
  id: z.int(),
  key: z.string(),
  /** The class or user whose recording it is; null for an object of another program. */
  ownerId: z.string().nullable(),
  name: z.string(),
  /** The bucket and its address; null of one from before that was written down. */
  place: z.string().nullable(),
  /** Whether it leads to the bucket that is connected now. */
  leads: z.enum(['here', 'elsewhere', 'unknown']),
  mode: z.enum(['watch', 'download']),
  note: z.string().nullable(),
  createdAtMs: ms,
  expiresAtMs: ms,
  /** The same by this computer's clock, which may be wrong: for who counts down to it. */
  endsHereMs: ms,
  /** Keys whose end nobody knows have signed it: it works until then at most. */
  mayEndSooner: z.boolean(),
  state: z.enum(['live', 'expired', 'dead']),
  /** There is a newer one in its place. It works until its own end all the same. */
  isRenewed: z.boolean(),
  /** Whoever made it is reminded of its end. */
  isEndingSoon: z.boolean(),
});
export type LinkView = z.output<typeof linkView>;

const linkMade = z.object({
  url: z.url(),
  link: linkView,
  because: z.enum(linkEnds),
});

const linkSigned = linkMade
  .pick({ url: true })
  .extend(linkView.pick({ expiresAtMs: true, mayEndSooner: true }).shape);

/** Which links: those that work, those of them whose end comes soon, those that do not any more, whether their time is over or their recording gone. */
export const linkFilters = ['all', 'live', 'ending', 'ended'] as const;
export type LinkFilter = (typeof linkFilters)[number];

/** What a person chooses of a link. */
const linkChoices = {
  expiresInSeconds: z.int().min(60).max(MAX_LINK_SECONDS),
  mode: z.enum(['watch', 'download']),
  note: z.string().max(500),
};

export const linkCalls = {
  /** A page with a link to each; when one of them cannot be linked to, there is none to any. */
  saveLinkPage: {
    input: z.object({ keys: z.array(key).min(1).max(MAX_PAGE_FILES), ...linkChoices }),
    output: z.object({
      /** Null when the person named no place for it: then no link was made. */
      saved: z
        .object({
          path: z.string(),
          files: z.int(),
          sizeBytes: z.int(),
          /** When the first of its links ends. */
          endsAtMs: ms,
          mayEndSooner: z.boolean(),
        })
        .nullable(),
    }),
  },
  createLink: {
    input: z.object({
      key,
      ...linkChoices,
      /** The link of the list that it is made in the place of. */
      renews: z.int().optional(),
    }),
    output: linkMade,
  },
  /** A link of the list once more: it ends when that one does, or sooner where its keys do. */
  signLink: { input: z.object({ id: z.int() }), output: linkSigned },
  listLinks: {
    input: z.object({
      filter: z.enum(linkFilters),
      /** Looked for in name, class and note. */
      words: z.string().max(200),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    output: z.object({
      rows: z.array(linkView),
      total: z.int(),
      /** With these words, by filter. */
      counts: z.record(z.enum(linkFilters), z.int()),
    }),
  },
} as const;
