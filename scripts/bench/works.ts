/** @file What is measured. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { manySmall, manyToScan, oneBig, someLarge, type Sizes } from './data.ts';
import { interleave, median, type Contestant, type Result } from './measure.ts';
import { peers, type Peers } from './peers.ts';
import { table } from './report.ts';
import { startSink, type Sink } from './sink.ts';

type Run = Readonly<{ dir: string; sizes: Sizes; rounds: number; ours: string }>;
/** `what`: of which sizes. */
export type Work = Readonly<{
  title: string;
  what: (sizes: Sizes) => string;
  run: (run: Run) => Promise<string>;
}>;

/** What our contestant does, and with what, in a sink's bucket. */
type Task = Readonly<{ name: string; work: string; folder?: string; bucket: string }>;

function contestant(ours: string, dir: string, sink: Sink, task: Task): Contestant {
  return {
    name: task.name,
    command: [process.execPath, ours, task.work, task.folder ?? ''],
    env: {
      BENCH_ENDPOINT: sink.endpoint,
      BENCH_BUCKET: task.bucket,
      BENCH_CA: sink.certificate ?? '',
      BENCH_WORK: dir,
    },
  };
}

const s = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const spread = (values: readonly number[]): string =>
  `${s(median(values))} (${s(Math.min(...values))}–${s(Math.max(...values))})`;

/** By round: of one and the same, so that what else the machine did falls out. */
function ratio(
  own: readonly Result[],
  others: readonly Result[],
  of: (result: Result) => number,
): string {
  return s(median(others.flatMap((other, i) => (own[i] ? [of(own[i]) / of(other)] : []))));
}

const timeOf = ({ inner, seconds }: Result): number => inner?.seconds ?? seconds;
const cpuOf = ({ inner, cpuSeconds }: Result): number => inner?.cpuSeconds ?? cpuSeconds;

function resultTable(results: ReadonlyMap<string, readonly Result[]>): string {
  const [own = []] = results.values();
  const head = [
    '',
    'seconds',
    'processor seconds',
    'MiB',
    'requests',
    'runs',
    'ours ÷ this',
    'by processor',
  ];
  const rows = [...results].map(([name, all]) => [
    all.some(({ exit }) => exit !== 0) ? `${name} (failed)` : name,
    spread(all.map(timeOf)),
    spread(all.map(cpuOf)),
    median(all.map(({ rssMiB }) => rssMiB)).toFixed(0),
    median(all.map(({ requests }) => requests)).toFixed(0),
    String(all.length),
    ratio(own, all, timeOf),
    ratio(own, all, cpuOf),
  ]);
  const loops = own.flatMap(({ inner }) => inner?.loopMs ?? []);
  const loop = `Our event loop was late by ${s(median(loops.map(({ p99 }) => p99)))} ms at its 99th percentile and ${s(median(loops.map(({ worst }) => worst)))} ms at worst, both at the median of the runs.`;
  return `${table(head, rows)}\n\n${loop}`;
}

type Setting = Readonly<{ latencyMs?: number; hasTls?: boolean }>;

/** An upload by our engine and by the peers that are here. */
function uploading(
  title: string,
  what: Work['what'],
  data: (dir: string, sizes: Sizes) => string,
  others: (all: Peers, folder: string) => Contestant[],
  setting: Setting = {},
): Work {
  return {
    title,
    what,
    async run({ dir, sizes, rounds, ours }) {
      const folder = data(dir, sizes);
      using sink = await startSink(dir, setting);
      const own = contestant(ours, dir, sink, {
        name: 'Pan-Sea Sync',
        work: 'upload',
        folder,
        bucket: 'sink',
      });
      const all = [own, ...others(peers(sink, dir), folder)];
      return resultTable(await interleave(all, rounds, dir, sink));
    },
  };
}

const big = (all: Peers, folder: string) => all.big(join(folder, 'big.mp3'));
const one = ({ bigMiB }: Sizes) => `One file of ${bigMiB} MiB.`;
const several = ({ recordings, recordingMiB }: Sizes) =>
  `${recordings} files of ${recordingMiB} MiB.`;
const many = ({ files, fileKiB }: Sizes) => `${files} files of ${fileKiB} KiB in 100 folders.`;
const slow = { latencyMs: 30 };
const late = (what: Work['what']) => (sizes: Sizes) =>
  `${what(sizes)} The storage takes 30 ms for each request.`;

export const works: Record<string, Work> = {
  big: uploading('One large file', one, oneBig, big),
  'big-tls': uploading('One large file over TLS', one, oneBig, big, { hasTls: true }),
  'big-30ms': uploading('One large file, far away', late(one), oneBig, big, slow),
  recordings: uploading('Several large files', several, someLarge, (all, folder) =>
    all.recordings(folder),
  ),
  small: uploading('Many small files', many, manySmall, (all, folder) => all.small(folder)),
  'small-30ms': uploading(
    'Many small files, far away',
    late(many),
    manySmall,
    (all, folder) => all.small(folder),
    slow,
  ),
  list: {
    title: 'Listing',
    what: ({ objects }) => `A bucket with ${objects} objects.`,
    async run({ dir, sizes, rounds, ours }) {
      using sink = await startSink(dir);
      const bucket = `list-${sizes.objects}`;
      const own = [
        { name: 'Pan-Sea Sync, into the searchable index', work: 'list', bucket },
        { name: 'Pan-Sea Sync, the listing alone', work: 'listAlone', bucket },
      ].map((task) => contestant(ours, dir, sink, task));
      const all = [...own, ...peers(sink, dir).list(bucket)];
      return resultTable(await interleave(all, rounds, dir, sink));
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
      const all = [contestant(ours, dir, sink, task), find];
      return resultTable(await interleave(all, rounds, dir, sink));
    },
  },
  queue: {
    title: 'The queue',
    what: ({ rows }) => `A ledger with ${rows} recordings that wait.`,
    async run({ dir, sizes, rounds }) {
      const runs = Array.from({ length: Math.min(rounds, 2) }, () =>
        ledgerFigures(dir, sizes.rows),
      );
      const all = (of: (figures: LedgerFigures) => number) => spread(runs.map(of));
      return table(
        ['', 'median (least–most)'],
        [
          ['rows taken in a second, 512 in each commit', all((it) => it.insertsPerSecond)],
          ['64 claimed in one commit, ms', all((it) => it.claimMs)],
          ['counts by state, ms', all((it) => it.countMs)],
          [
            'from opening the home until the first claim could be made, ms',
            all((it) => it.usableMs),
          ],
          ['memory more by all of that, MiB', all((it) => it.addedMiB)],
        ],
      );
    },
  },
};

type LedgerFigures = Readonly<
  Record<'insertsPerSecond' | 'claimMs' | 'countMs' | 'usableMs' | 'addedMiB', number>
>;

function ledgerFigures(dir: string, rows: number): LedgerFigures {
  const script = join(import.meta.dirname, 'ledger.ts');
  const said = execFileSync(process.execPath, [script, dir, String(rows)], { encoding: 'utf8' });
  return JSON.parse(said) as LedgerFigures;
}
