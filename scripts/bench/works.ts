/** @file What is measured beside other clients, and all works by name. */
import { join } from 'node:path';
import { QUIET_MS } from '../../electron/engine/defaults.ts';
import { manySmall, manyToScan, oneBig, someLarge, type Sizes } from './data.ts';
import { atLeast, atMost, type Goal } from './goals.ts';
import { interleave, type Contestant, type Measured } from './measure.ts';
import { peers, type Peers } from './peers.ts';
import {
  besideFastest,
  besideNamed,
  cpuOf,
  medianOf,
  memoryOf,
  resultTable,
  shareOfFloor,
  timeOf,
} from './results.ts';
import { startSink, type Sink } from './sink.ts';
import type { Work } from './work.ts';
import { burst, commandLine, idle, queue, window } from './works-alone.ts';

/** What our contestant does, and with what, in a sink's bucket. */
type Task = Readonly<{ name: string; work: string; folder?: string; bucket: string }>;

/** As electron/cli.ts is started. */
const YOUNG = '--max-semi-space-size=16';

function contestant(ours: string, dir: string, sink: Sink, task: Task): Contestant {
  return {
    name: task.name,
    isOurs: true,
    command: [process.execPath, YOUNG, join(ours, 'ours.js'), task.work, task.folder ?? ''],
    env: {
      BENCH_ENDPOINT: sink.endpoint,
      BENCH_BUCKET: task.bucket,
      BENCH_CA: sink.certificate ?? '',
      BENCH_WORK: dir,
    },
  };
}

type Own = Pick<Task, 'name' | 'work'>;
const PLAIN: Own = { name: 'Pan-Sea Sync', work: 'upload' };

type Uploading = Readonly<{
  title: string;
  what: Work['what'];
  data: (dir: string, sizes: Sizes) => string;
  others: (all: Peers, folder: string) => Contestant[];
  /** Ours, the one with the goals first. */
  own?: readonly [Own, ...Own[]];
  latencyMs?: number;
  hasTls?: boolean;
  goals: (own: Measured, all: readonly Measured[], sizes: Sizes) => Goal[];
}>;

/** An upload by our engine and by the peers that are here. */
function uploading({
  title,
  what,
  data,
  others,
  goals,
  own = [PLAIN],
  ...setting
}: Uploading): Work {
  return {
    title,
    what,
    async run({ dir, sizes, rounds, ours }) {
      const folder = data(dir, sizes);
      using sink = await startSink(dir, setting);
      const [first, ...more] = own;
      const named = (each: Own) => contestant(ours, dir, sink, { ...each, folder, bucket: 'sink' });
      const all = await interleave(
        [named(first), ...more.map(named), ...others(peers(sink, dir), folder)],
        rounds,
        dir,
        sink,
      );
      return { text: resultTable(all), goals: goals(all[0], all, sizes) };
    },
  };
}

/** Ours twice. */
const ownLarge = (files: string): readonly [Own, Own] => [
  { name: 'Pan-Sea Sync, from the end of the quiet time', work: 'uploadSettling' },
  { name: `Pan-Sea Sync, ${files} long been there`, work: 'upload' },
];
const twoRows = (same: string): string =>
  `A recording is sent when it has not changed for ${QUIET_MS / 1_000} s, and is read for the first time while it settles: so the clock of the first row, which the goals go by, begins when this quiet time is over, and all processor time counts, that of the quiet time too. The second row is ${same} without a quiet time, as in an archive: all reading is within the time.`;

const one = {
  data: oneBig,
  own: ownLarge('a file that has'),
  others: (all: Peers, folder: string) => all.big(join(folder, 'big.mp3')),
  what: ({ bigMiB }: Sizes) =>
    `One file of ${bigMiB} MiB. ${twoRows('the same file')} One row is made up of two programs: what a client would take that knows the whole file’s SHA-256 before it sends, as ours does.`,
} as const;
const many = {
  data: manySmall,
  others: (all: Peers, folder: string) => all.small(folder),
  what: ({ files, fileKiB }: Sizes) => `${files} files of ${fileKiB} KiB in 100 folders.`,
} as const;
const late = ({ what }: Pick<Work, 'what'>) => ({
  latencyMs: 30,
  what: (sizes: Sizes) => `${what(sizes)} The storage takes 30 ms for each request.`,
});

const cpuOfGiB = (own: Measured, { bigMiB }: Sizes, most: number) =>
  atMost('processor', '# s a GiB', medianOf(own, cpuOf) / (bigMiB / 1024), most);
const memory = (own: Measured, most: number) =>
  atMost('memory at its peak', '# MiB', medianOf(own, memoryOf), most);
/** At its best settings. */
const RCLONE = 'rclone 64 at a time';

export const works: Readonly<Record<string, Work>> = {
  big: uploading({
    title: 'One large file',
    ...one,
    goals: (own, all, sizes) => [
      besideFastest('time', own, all, 1),
      shareOfFloor('speed', all, 0.9),
      cpuOfGiB(own, sizes, 0.9),
      memory(own, 150),
    ],
  }),
  'big-tls': uploading({
    title: 'One large file over TLS',
    ...one,
    what: (sizes) =>
      `${one.what(sizes)} The sink speaks TLS itself and takes the bytes out, for which it needs part of the same processors: what that costs is the same for each client.`,
    hasTls: true,
    goals: (own, all, sizes) => [
      besideFastest('time', own, all, 1.1),
      cpuOfGiB(own, sizes, 1.6),
      memory(own, 220),
    ],
  }),
  'big-30ms': uploading({
    title: 'One large file, far away',
    ...one,
    ...late(one),
    goals: (own, all) => [besideFastest('time', own, all, 1.1)],
  }),
  recordings: uploading({
    title: 'Several large files',
    what: ({ recordings, recordingMiB }) =>
      `${recordings} files of ${recordingMiB} MiB that appear at once. ${twoRows('the same files')}`,
    data: someLarge,
    own: ownLarge('files that have'),
    others: (all, folder) => all.recordings(folder),
    goals: (own, all) => [besideFastest('time', own, all, 0.9)],
  }),
  small: uploading({
    title: 'Many small files',
    ...many,
    goals: (own, all, { files }) => [
      besideNamed('time', all, RCLONE, 0.42),
      atMost('processor', '# ms a file', (medianOf(own, cpuOf) / files) * 1_000, 0.25),
      memory(own, 150),
    ],
  }),
  'small-30ms': uploading({
    title: 'Many small files, far away',
    ...many,
    ...late(many),
    goals: (own, all, { files }) => [
      besideNamed('time', all, RCLONE, 0.5),
      atLeast('speed', '# files a second', files / medianOf(own, timeOf), 3_300),
    ],
  }),
  list: {
    title: 'Listing',
    what: ({ objects }) => `A bucket with ${objects} objects.`,
    async run({ dir, sizes, rounds, ours }) {
      using sink = await startSink(dir);
      const bucket = `list-${sizes.objects}`;
      const own = (name: string, work: string) =>
        contestant(ours, dir, sink, { name: `Pan-Sea Sync, ${name}`, work, bucket });
      const all = await interleave(
        [
          own('into the searchable index', 'list'),
          own('the listing alone', 'listAlone'),
          ...peers(sink, dir).list(bucket),
        ],
        rounds,
        dir,
        sink,
      );
      const [indexed, alone = indexed] = all;
      const worst = medianOf(indexed, ({ inner }) => inner?.loopMs.worst ?? NaN);
      const goals = [
        besideFastest('time into the index', indexed, all, 0.35),
        besideFastest('time of the listing alone', alone, all, 0.2),
        atMost('the loop stands still', '# ms', worst, 10),
      ];
      return { text: resultTable(all), goals };
    },
  },
  scan: {
    title: 'Looking a folder through',
    what: ({ scanned }) => `${scanned} files in ${scanned / 100} folders, none of them new.`,
    async run({ dir, sizes, rounds, ours }) {
      const folder = manyToScan(dir, sizes);
      using sink = await startSink(dir);
      const task = { name: 'Pan-Sea Sync', work: 'scan', folder, bucket: 'sink' };
      const find: Contestant = {
        name: 'find, with size and time',
        command: ['find', folder, '-type', 'f', '-printf', '%s %T@ %p\\n'],
      };
      const own = contestant(ours, dir, sink, task);
      const all = await interleave([own, find], rounds, dir, sink);
      const goals = [
        atMost('processor', '# s', medianOf(all[0], cpuOf), 1),
        besideNamed('time', all, 'find', 1.5),
      ];
      return { text: resultTable(all), goals };
    },
  },
  burst,
  idle,
  queue,
  window,
  cli: commandLine,
};
