/** @file Every verb, as `--help` shows it. Its options, and what it does, are loaded when it is asked for. */
import { Option, type Command } from 'commander';
import type { Run, Verb } from '../program.ts';

/** `shows`: what `--help` says of each of its verbs, by how it is called. */
type Verbs = Readonly<{ load: () => Promise<Verb>; shows: Readonly<Record<string, string>> }>;

/** In the order in which `--help` shows them. */
const verbs: readonly Verbs[] = [
  {
    load: async () => (await import('./doctor.ts')).doctor,
    shows: {
      'doctor [options]':
        'test the connection: clock, sign-in, each S3 action, what the bucket can do',
    },
  },
  {
    load: async () => (await import('./bucket.ts')).bucket,
    shows: {
      'bucket [options]':
        'how the bucket should be set up: policies, rules, and the commands for an admin',
    },
  },
  {
    load: async () => (await import('./folders.ts')).folders,
    shows: { folders: 'watched folders and where their files go' },
  },
  {
    load: async () => (await import('./sync.ts')).sync,
    shows: {
      sync: 'scan every folder once, upload what is finished, verify, exit',
      watch: 'the same, until stopped',
    },
  },
  {
    load: async () => (await import('./upload.ts')).upload,
    shows: { 'upload [options] <file...>': 'these files now' },
  },
  {
    load: async () => (await import('./jobs.ts')).jobs,
    shows: {
      status: 'counts, and whether it is safe to leave',
      'jobs [options]': 'the queue',
      'retry [id...]': 'failed jobs again, all or these; no rescan',
      'upload-anyway <id...>': 'held recordings as they are: unfinished, empty, not converted',
      'dismiss <id...>': 'waiting, held or failed uploads: not to be uploaded; the files stay',
      'send-again <id...>': 'dismissed uploads after all',
    },
  },
  {
    load: async () => (await import('./objects.ts')).objects,
    shows: {
      'list [options]': 'the bucket',
      'search <words...>': 'by name, class or date, in the local index',
      'metadata <key>': 'what the storage keeps about an object',
      'exists <key>': 'whether the bucket has it',
      'download [options] <key> [path]': 'to a file, verified',
      'delete [options] <key...>': 'in S3 only; files on this computer stay',
    },
  },
  {
    load: async () => (await import('./links.ts')).links,
    shows: {
      'url [options] <key>': 'a link that expires, on record',
      'links [options]': 'the links that were made here',
    },
  },
  {
    load: async () => (await import('./audit.ts')).audit,
    shows: {
      'audit [options]': 'local files, ledger and bucket compared, file by file; changes nothing',
    },
  },
  {
    load: async () => (await import('./history.ts')).history,
    shows: { 'history [options]': 'what happened here, in words, the newest last' },
  },
  {
    load: async () => (await import('./migrate.ts')).migrate,
    shows: { migrate: 'an archive into the bucket, with proof: docs/MIGRATION.md' },
  },
  {
    load: async () => (await import('./unfinished.ts')).unfinished,
    shows: { 'unfinished [options]': 'uploads that are still open in the bucket' },
  },
  {
    load: async () => (await import('./scanner.ts')).scanner,
    shows: {
      scanner: 'a program that looks at each recording before it is uploaded, such as clamdscan',
    },
  },
  {
    load: async () => (await import('./upload-limit.ts')).uploadLimit,
    shows: { 'upload-limit': 'how fast all uploads together may be' },
  },
  {
    load: async () => (await import('./serve.ts')).serve,
    shows: {
      'serve [options]':
        'the window in a browser, and the REST routes, on this computer only, until stopped',
    },
  },
  {
    load: async () => (await import('./diagnostics.ts')).diagnostics,
    shows: {
      'diagnostics [options]':
        'a report for whoever helps, without keys or links; names of recordings are in it',
    },
  },
  {
    load: async () => (await import('./demo.ts')).demo,
    shows: { demo: 'see it work: storage on this computer, sample recordings, a link' },
  },
  {
    load: async () => (await import('./embedded-s3.ts')).embeddedS3,
    shows: {
      'embedded-s3 [options]': 'an S3 on this computer alone, until stopped: to try things out',
    },
  },
];

/** Adds all verbs: those that a word of `argv` names as they are, the others as far as `--help` shows them. */
export async function addVerbs(
  program: Command,
  run: Run,
  isAsked: (name: string) => boolean,
): Promise<void> {
  for (const { load, shows } of verbs) {
    const all = Object.entries(shows).map(([usage, description]) => {
      const [name = '', ...args] = usage.split(' ').filter((word) => word !== OPTIONS);
      return { name, args, description, hasOptions: usage.includes(OPTIONS) };
    });
    if (all.some(({ name }) => isAsked(name))) {
      (await load())(program, run);
      for (const { name, description } of all)
        program.commands.find((verb) => verb.name() === name)?.description(description);
      continue;
    }
    for (const { name, args, description, hasOptions } of all) {
      const shown = program.command([name, ...args].join(' ')).description(description);
      if (hasOptions) shown.addOption(new Option('--any').hideHelp());
    }
  }
}

const OPTIONS = '[options]';
