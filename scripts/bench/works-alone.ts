/** @file What is measured by itself: there is no other client that does the same. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockHome } from '../../electron/engine/home/home.ts';
import { buildProduct, root, runNode } from './build.ts';
import { manyToScan } from './data.ts';
import { atLeast, atMost, type Goal } from './goals.ts';
import { interleave, keys, median, type Contestant } from './measure.ts';
import { table } from './report.ts';
import { figure, medianOf, spread, timeOf } from './results.ts';
import { startSink } from './sink.ts';
import type { Outcome, Work } from './work.ts';

/** What a script of ours prints as its one line. */
async function said<Figures>(
  script: string,
  args: readonly string[],
  dir: string,
): Promise<Figures> {
  using sink = await startSink(dir);
  const env = {
    ...process.env,
    ...keys,
    BENCH_ENDPOINT: sink.endpoint,
    BENCH_BUCKET: 'sink',
    BENCH_WORK: dir,
  };
  const text = execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', env });
  return JSON.parse(text) as Figures;
}

type Row = readonly [what: string, values: readonly number[]];
const figureTable = (rows: readonly Row[]): string =>
  table(
    ['', 'median (least–most)'],
    rows.map(([what, values]) => [what, spread(values)]),
  );

type Burst = Readonly<Record<'madeMs' | 'byHints' | 'missed' | 'secondsUntilAll', number>>;

export const burst: Work = {
  title: 'Files made while the loop stands still',
  what: ({ burst: files }) =>
    `${files} files are made by another process in 100 folders that are watched, while our loop stands still for 3 s: more than the system keeps news of. Uploads are paused. What no news told of is found by the look through the folders that follows so much news; where it were not, another look is asked for once no more came for 5 s.`,
  async run({ dir, sizes, rounds, ours }) {
    const runs: Burst[] = [];
    for (let i = 0; i < Math.min(rounds, 3); i += 1)
      runs.push(await said(join(ours, 'watched.js'), ['burst', String(sizes.burst)], dir));
    const all = (of: (it: Burst) => number) => runs.map(of);
    return {
      text: figureTable([
        ['s that the other process took to make them', all((it) => it.madeMs / 1_000)],
        ['files known without having been asked for', all((it) => it.byHints)],
        ['files missed in the end', all((it) => it.missed)],
        ['s until all were known, after the loop went on', all((it) => it.secondsUntilAll)],
      ]),
      goals: [atMost('missed', '# files', Math.max(...all((it) => it.missed)), 0)],
    };
  },
};

type Idle = Readonly<
  Record<
    | 'addedMiB'
    | 'mostAddedMiB'
    | 'cpuShare'
    | 'leastShare'
    | 'wakingSeconds'
    | 'wakeUpsPerSecond'
    | 'ofMainPerSecond'
    | 'known',
    number
  >
>;

/** What a waking costs is the machine’s, and more than the goal on some. */
const besideNode = (goal: Goal, percent: number): Goal => ({
  ...goal,
  measured: `${goal.measured} (${percent.toFixed(3)} by Node alone, for as many wake-ups)`,
});

export const idle: Work = {
  title: 'Nothing to do',
  what: ({ scanned, idleSeconds }) =>
    `${scanned} files in ${scanned / 100} folders are watched, each of them sent before; for ${idleSeconds} s nothing happens. Wake-ups: of all threads of the process, as Linux counts them. The floor: Node alone, which looks at one folder every 5 s in the same minutes, reckoned for as many wake-ups as ours.`,
  async run({ dir, sizes, ours }) {
    const folder = manyToScan(dir, sizes);
    const args = ['idle', folder, String(sizes.idleSeconds)];
    const it = await said<Idle>(join(ours, 'watched.js'), args, dir);
    if (it.known !== sizes.scanned) throw new Error(`${it.known} files are known`);
    return {
      text: table(
        ['', ''],
        [
          ['processor, of one core', `${(it.cpuShare * 100).toFixed(3)} %`],
          ['as many wake-ups of Node alone (the floor)', `${(it.leastShare * 100).toFixed(3)} %`],
          ['one of these, processor ms', figure(it.wakingSeconds * 1_000)],
          ['wake-ups a second', figure(it.wakeUpsPerSecond)],
          ['of them of the main thread, which asks the others', figure(it.ofMainPerSecond)],
          ['memory more by watching, MiB', figure(it.addedMiB)],
          ['the same at its peak, while the folders were looked through', figure(it.mostAddedMiB)],
        ],
      ),
      goals: [
        besideNode(
          atMost('processor', '# % of one core', it.cpuShare * 100, 0.05),
          it.leastShare * 100,
        ),
        atMost('wake-ups', '# a second', it.wakeUpsPerSecond, 1),
        atMost('memory more by watching', '# MiB', it.addedMiB, 150),
      ],
    };
  },
};

type Ledger = Readonly<
  Record<
    | 'insertsPerSecond'
    | 'inTurnPerSecond'
    | 'claimMs'
    | 'firstClaimMs'
    | 'countMs'
    | 'usableMs'
    | 'addedMiB',
    number
  >
>;

export const queue: Work = {
  title: 'The queue',
  what: ({ rows }) =>
    `A ledger with ${rows} recordings that wait, of 1,000 in each folder: a scan finds those of a folder together.`,
  async run({ dir, sizes, rounds }) {
    const script = join(import.meta.dirname, 'ledger.ts');
    const runs: Ledger[] = [];
    const inHome = async (of: (home: string) => Promise<Ledger>) => {
      const home = mkdtempSync(join(dir, 'ledger-'));
      const figures = await of(home);
      rmSync(home, { recursive: true });
      return figures;
    };
    const fill = (home: string, ...order: string[]) =>
      said<Ledger>(script, ['fill', home, String(sizes.rows), ...order], dir);
    for (let i = 0; i < rounds; i += 1) {
      const { insertsPerSecond: inTurnPerSecond } = await inHome((home) => fill(home, '40'));
      const used = await inHome(async (home) => ({
        ...(await fill(home)),
        ...(await said<Ledger>(script, ['use', home], dir)),
      }));
      runs.push({ ...used, inTurnPerSecond });
    }
    const all = (of: (it: Ledger) => number) => runs.map(of);
    const mid = (of: (it: Ledger) => number) => median(all(of));
    return {
      text: figureTable([
        ['rows taken in a second, 512 in each commit', all((it) => it.insertsPerSecond)],
        ['the same, from 40 folders in turn', all((it) => it.inTurnPerSecond)],
        ['64 claimed in one commit, 1,000 times, ms', all((it) => it.claimMs)],
        ['the first 50 times, after a start, ms', all((it) => it.firstClaimMs)],
        ['counts by state, ms', all((it) => it.countMs)],
        ['from opening the home until the first claim could be made, ms', all((it) => it.usableMs)],
        [
          'memory more by opening, claiming and counting, at its peak, MiB',
          all((it) => it.addedMiB),
        ],
      ]),
      goals: [
        atMost(
          '64 claimed',
          '# ms',
          mid((it) => it.claimMs),
          0.5,
        ),
        atMost(
          'counts',
          '# ms',
          mid((it) => it.countMs),
          5,
        ),
        atMost('from the start until usable', '# s', mid((it) => it.usableMs) / 1_000, 2),
        atLeast(
          'taken in',
          '# rows a second',
          mid((it) => it.insertsPerSecond),
          100_000,
        ),
        atMost(
          'memory more',
          '# MiB',
          mid((it) => it.addedMiB),
          80,
        ),
      ],
    };
  },
};

const inMs = (seconds: readonly number[]) =>
  spread(
    seconds.map((value) => value * 1_000),
    (value) => value.toFixed(0),
  );

export const commandLine: Work = {
  title: 'Command line',
  what: ({ starts }) =>
    `The command line as it is built, ${starts} starts of each in turn, whole processes: \`exists\` in a home with a ledger, for an object that the sink does not have.`,
  async run({ dir, sizes: { starts } }) {
    buildProduct();
    using sink = await startSink(dir);
    const home = mkdtempSync(join(dir, 'cli-'));
    lockHome({ path: home }).close();
    const cli = (name: string, ...args: string[]): Contestant => ({
      name,
      isOurs: true,
      command: [process.execPath, join(root, 'out', 'main', 'cli.js'), ...args],
      env: {
        PANSEA_SYNC_HOME: home,
        AWS_S3_BUCKET: 'sink',
        AWS_S3_ENDPOINT_URL: sink.endpoint,
      },
    });
    const floor: Contestant = {
      name: 'node -e 0 (the floor)',
      command: [process.execPath, '-e', '0'],
      isFloor: true,
    };
    const all = await interleave(
      [cli('--help', '--help'), cli('exists', 'exists', 'audio/BIO-101/none.mp3'), floor],
      starts,
      dir,
      sink,
    );
    rmSync(home, { recursive: true });
    const rows = all.map(({ contestant: { name }, results }) => [
      name,
      inMs(results.map(timeOf)),
      inMs(results.map(({ cpuSeconds }) => cpuSeconds)),
      median(results.map(({ rssMiB }) => rssMiB)).toFixed(0),
    ]);
    const [help, exists] = all.map((one) => medianOf(one, timeOf) * 1_000) as [number, number];
    return {
      text: table(['', 'ms, median (least–most)', 'processor ms', 'MiB'], rows),
      goals: [atMost('--help', '# ms', help, 150), atMost('exists', '# ms', exists, 300)],
    };
  },
};

/** Measured by a run of its own in a real Electron; see window.bench.ts. */
export const window: Work = {
  title: 'Window',
  what: () => 'Electron is the one that the tests run in.',
  async run({ dir, sizes }) {
    buildProduct();
    const file = join(dir, 'window.json');
    rmSync(file, { force: true });
    process.env['BENCH_WINDOW'] = JSON.stringify({ file, dir, sizes });
    runNode(
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--config',
      'scripts/bench/vitest.config.ts',
    );
    return JSON.parse(readFileSync(file, 'utf8')) as Outcome & { goals: Goal[] };
  },
};
