/** @file Runs the model: random commands; then all troubles end, and everything must come to its place. */
import * as fc from 'fast-check';
import type { Model } from './command.ts';
import { anyCommand } from './commands.ts';
import { broken, unfinished } from './invariants.ts';
import { arrive } from './port.ts';
import { mayAgain } from './rights.ts';
import { World } from './world.ts';

export type Figures = {
  runs: number;
  recordings: number;
  syncs: number;
  crashes: number;
  tricks: number;
};

/** Syncs, with twenty minutes between them, in which everything must be done once nothing stands in the way. */
const QUIET_ROUNDS = 8;

/** How long after a failure shorter commands are looked for that fail, too. */
const SHRINK_MS = 20_000;

type Commands = Iterable<fc.AsyncCommand<Model, World>>;

/** @returns What happened, without what time and chance name: two runs of the same commands share it. */
async function play(commands: Commands, figures: Figures): Promise<string[]> {
  await using world = await World.open();
  const model: Model = { files: new Set(), isConnected: true, trace: [] };
  try {
    await fc.asyncModelRun(() => ({ model, real: world }), commands);
    model.trace.push('all is well again');
    await heal(world);
    model.trace.push(...(await ends(world)));
    figures.recordings += world.files.size;
  } catch (error) {
    const shown = process.env['PANSEA_TEST_LOG'] ? `\n${world.lines.join('\n')}` : '';
    throw new Error(`${(error as Error).message}\nafter: ${model.trace.join(' · ')}${shown}`, {
      cause: error,
    });
  } finally {
    figures.runs += 1;
    await world.stop();
    for (const [name, count] of Object.entries(world.figures))
      figures[name as keyof World['figures']] += count;
  }
  return model.trace;
}

async function heal(world: World): Promise<void> {
  await mayAgain(world, 'head');
  world.forgetRules();
  await arrive(world.late);
  if (!world.isConnected) world.plugIn();
  let left: string[] = [];
  for (let round = 1; round <= QUIET_ROUNDS; round += 1) {
    world.jumpClock(20 * 60_000);
    if (round === 1) askAgain(world);
    await world.sync();
    const failures = await broken(world);
    if (failures.length > 0) throw new Error(failures.join('\n'));
    left = await unfinished(world);
    if (left.length === 0) return;
  }
  throw new Error(left.join('\n'));
}

/** What an account was refused waits for a person, once it may, and what kills came upon again and again; of all else nobody is asked. */
function askAgain(world: World): void {
  const { decisions } = world.open().engine;
  for (const code of ['access-denied', 'cannot-verify', 'ends-program'] as const)
    decisions.retry({ ids: [], code });
}

/** How it ended: every file's jobs, and every content in the storage. */
async function ends(world: World): Promise<string[]> {
  const label = (sha256: string | undefined) => world.closed.get(sha256 ?? '') ?? 'unknown';
  const jobs = (world.jobs() ?? []).map(({ path, state, fingerprint }) =>
    [world.nameOf(path), state.kind, label(fingerprint?.sha256)].join(' '),
  );
  const objects = [...(await world.bucket.objects()).values()].map(({ sha256 }) => label(sha256));
  return [...jobs.toSorted(), ...objects.toSorted()];
}

export type ModelRun = Readonly<{
  seed: number;
  numRuns: number;
  maxCommands: number;
  /** No course begins later. */
  limitMs: number;
  /** What fast-check printed for a failed run. */
  path?: string;
  replayPath?: string;
}>;

/** @returns Why it failed, with seed, path and replay path and the shortest commands that were found to fail. */
export async function runModel(run: ModelRun, figures: Figures): Promise<string | undefined> {
  const { seed, numRuns, maxCommands, limitMs, path, replayPath } = run;
  const commands = fc.commands(
    [anyCommand('lecture.ogg', 'Übung 2.ogg', 'week 1/=1+1.ogg', 'week 1/a b.OGG')],
    {
      maxCommands,
      size: 'max',
      ...(replayPath === undefined ? {} : { replayPath }),
    },
  );
  // A course that has begun is played to its end, so that a slow machine plays one at least.
  let deadline = performance.now() + limitMs;
  const property = fc.asyncProperty(commands, async (chosen) => {
    if (performance.now() > deadline) return;
    try {
      await play(chosen, figures);
    } catch (error) {
      deadline = Math.max(deadline, performance.now() + SHRINK_MS);
      throw error;
    }
  });
  const details = await fc.check(property, {
    seed,
    numRuns,
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed) return undefined;
  const { errorInstance } = details;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return `${await fc.asyncDefaultReportMessage(details)}\n${why}`;
}

/**
 * The same commands twice, for one file: with several, which of them meets a trouble first is chance,
 * as it is with files and sockets that are real.
 */
export async function playTwice(seed: number, maxCommands: number): Promise<string[][]> {
  const figures: Figures = { runs: 0, recordings: 0, syncs: 0, crashes: 0, tricks: 0 };
  const traces: string[][] = [];
  for (let time = 1; time <= 2; time += 1) {
    const [chosen] = fc.sample(
      fc.commands([anyCommand('lecture.ogg')], { maxCommands, size: 'max' }),
      { seed, numRuns: 1 },
    );
    traces.push(await play(chosen!, figures));
  }
  return traces;
}
