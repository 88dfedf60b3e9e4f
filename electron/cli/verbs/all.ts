/** @file Every verb, as `--help` shows it. Its options, and what it does, are loaded when it is asked for. */
import { Option, type Command } from 'commander';
import type { Run, Verb } from '../program.ts';

/** `shows`: what `--help` says of each of its verbs, by how it is called. */
type Verbs = Readonly<{ load: () => Promise<Verb>; shows: Readonly<Record<string, string>> }>;

/** By what they are for, in the order in which `--help` shows them. */
const groups: Readonly<Record<string, readonly Verbs[]>> = {
  'Setting up': [
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
          'show how the bucket should be set up: policies, rules, and the commands for an admin',
      },
    },
    {
      load: async () => (await import('./folders.ts')).folders,
      shows: {
        folders: 'choose which folders are watched, and where their files go',
      },
    },
    {
      load: async () => (await import('./scanner.ts')).scanner,
      shows: {
        scanner:
          'set a program that looks at each recording before it is uploaded, such as clamdscan',
      },
    },
    {
      load: async () => (await import('./upload-limit.ts')).uploadLimit,
      shows: {
        'upload-limit':
          'set how fast all uploads together may be, in which hours, and whether on battery',
      },
    },
  ],
  Uploading: [
    {
      load: async () => (await import('./sync.ts')).sync,
      shows: {
        sync: 'look through every folder once, upload and verify what is finished, then exit',
        watch: 'the same as sync, and go on with what is recorded, until stopped',
      },
    },
    {
      load: async () => (await import('./upload.ts')).upload,
      shows: {
        'upload [options] <file...>': 'upload these files now, without watching their folder',
      },
    },
    {
      load: async () => (await import('./pause.ts')).pause,
      shows: {
        'pause [until]':
          'let the app and watch send nothing: until it is resumed, hour or tomorrow',
        resume: 'end the pause',
      },
    },
    {
      load: async () => (await import('./jobs.ts')).jobs,
      shows: {
        status: 'say whether it is safe to leave, and what is still to go',
        'jobs [options]': 'list the uploads: what waits, what is on its way, what failed and why',
        'retry [id...]': 'try failed uploads again: all, or these',
        'send-first <id...>': 'send these before all others that wait',
        'upload-anyway <id...>':
          'upload held recordings as they are: unfinished, empty, not converted',
        'dismiss <id...>': 'do not upload these that wait, are held or failed; the files stay',
        'send-again <id...>': 'upload dismissed ones after all',
      },
    },
  ],
  'What is stored': [
    {
      load: async () => (await import('./objects.ts')).objects,
      shows: {
        'list [options]': 'list what is in the bucket',
        'search <words...>': 'find stored recordings by name, class or date, as listed last',
        'metadata <key>': 'show what the storage keeps about an object',
        'exists <key>': 'say whether the bucket has this object',
        'download [options] <key> [path]': 'fetch an object into a file, and compare it',
      },
    },
    {
      load: async () => (await import('./delete.ts')).remove,
      shows: {
        'delete [options] <key...>': 'delete in S3 only; files on this computer stay',
      },
    },
    {
      load: async () => (await import('./restore.ts')).restore,
      shows: {
        'restore [options] <key...>':
          'make recordings that lie in an archive readable again; takes hours, and costs',
      },
    },
    {
      load: async () => (await import('./undelete.ts')).undelete,
      shows: {
        'undelete [options] [what...]':
          'list what was deleted and can be brought back, or bring it back',
      },
    },
    {
      load: async () => (await import('./links.ts')).links,
      shows: {
        'url [options] <key>': 'make a link that expires, and note it',
        'link-page [options] <key...>':
          'make a page with a link to each of several recordings, to send as a file',
        'renew [options] <number>':
          'make a new link in the place of one that ends soon, or has ended',
        'links [options]': 'list the links that were made here',
      },
    },
    {
      load: async () => (await import('./cost.ts')).cost,
      shows: {
        cost: 'estimate what the storage costs a month, and what another class would save',
      },
    },
  ],
  Proof: [
    {
      load: async () => (await import('./where.ts')).where,
      shows: {
        'where <what...>':
          'say where files are in the storage, and where the files of keys are here, by this computer’s list alone',
      },
    },
    {
      load: async () => (await import('./audit.ts')).audit,
      shows: {
        'audit [options]':
          'compare this computer’s files, its list and the bucket, file by file; changes nothing',
      },
    },
    {
      load: async () => (await import('./history.ts')).history,
      shows: {
        'history [options]': 'show what happened here, in words, the newest last',
      },
    },
    {
      load: async () => (await import('./unfinished.ts')).unfinished,
      shows: {
        'unfinished [options]': 'list uploads that are still open in the bucket',
      },
    },
    {
      load: async () => (await import('./diagnostics.ts')).diagnostics,
      shows: {
        'diagnostics [options]':
          'make a report for whoever helps, without keys or links; names of recordings are in it',
      },
    },
  ],
  'An archive of years': [
    {
      load: async () => (await import('./migrate.ts')).migrate,
      shows: {
        migrate: 'bring an archive into the bucket with proof, then free the disk',
      },
    },
  ],
  'A window, and trying it out': [
    {
      load: async () => (await import('./serve.ts')).serve,
      shows: {
        'serve [options]':
          'open the window in a browser, and the REST routes, on this computer only, until stopped',
      },
    },
    {
      load: async () => (await import('./demo.ts')).demo,
      shows: {
        demo: 'see it work: storage on this computer, sample recordings, a link',
      },
    },
    {
      load: async () => (await import('./embedded-s3.ts')).embeddedS3,
      shows: {
        'embedded-s3 [options]':
          'run an S3 on this computer alone, until stopped: to try things out',
      },
    },
  ],
};

/** Adds all verbs: those that a word of `argv` names as they are, the others as far as `--help` shows them. */
export async function addVerbs(
  program: Command,
  run: Run,
  isAsked: (name: string) => boolean,
): Promise<void> {
  const verbs = Object.entries(groups).flatMap(([group, some]) =>
    some.map((one) => ({ ...one, heading: `${group}:` })),
  );
  for (const { load, shows, heading } of verbs) {
    const all = Object.entries(shows).map(([usage, description]) => {
      const [name = '', ...args] = usage.split(' ').filter((word) => word !== OPTIONS);
      return { name, args, description, hasOptions: usage.includes(OPTIONS) };
    });
    if (all.some(({ name }) => isAsked(name))) {
      (await load())(program, run);
      for (const { name, description } of all)
        program.commands
          .find((verb) => verb.name() === name)
          ?.description(description)
          .helpGroup(heading);
      continue;
    }
    for (const { name, args, description, hasOptions } of all) {
      const shown = program
        .command([name, ...args].join(' '))
        .description(description)
        .helpGroup(heading);
      if (hasOptions) shown.addOption(new Option('--any').hideHelp());
    }
  }
}

const OPTIONS = '[options]';
