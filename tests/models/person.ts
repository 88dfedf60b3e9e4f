/** @file What a person does beside it all: lets go, deletes, brings back, hands over, puts first, pauses. */
import * as fc from 'fast-check';
import { setTimeout } from 'node:timers/promises';
import type { Engine } from '../../electron/engine/engine.ts';
import { bringBack, ledgerOf } from '../../electron/engine/library/bring-back.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import { takenInStore } from '../../electron/engine/store/taken-in.ts';
import { toBio } from '../support/engine.ts';
import { command, has, small, type Command, type Model } from './command.ts';
import { operations } from './port.ts';
import type { World } from './world.ts';

const never = new AbortController().signal;
const PAUSE_MS = 10;

const jobsOf = (world: World, name: string): Job[] =>
  (world.jobs() ?? []).filter(({ path }) => world.nameOf(path) === name);

/** Ends with what the engine says, or with its end. */
export async function untilHeard<T>(world: World, work: Promise<T>): Promise<T | undefined> {
  const { crashed } = world.open();
  return Promise.race([work.catch(() => undefined), crashed.then(() => undefined)]);
}

function letGo({ letGo: all }: World, sha256: string, { destination: to }: Job): void {
  if (to?.kind === 'audio') all.set(sha256, (all.get(sha256) ?? new Set()).add(to.classId));
}

/** What is there afterwards is the storage's, whatever was heard. */
const isStored = async (world: World, key: string): Promise<boolean> =>
  (await world.bucket.objects()).has(key);

/** What got no answer may be done, or be on its way yet. A refusal is an answer. */
const mayBeDone = (world: World, engine: Engine): boolean =>
  world.app?.engine !== engine || world.late.length > 0;

const ledgerIn = (world: World) => {
  const { engine, home, remote } = world.open();
  const ledger = ledgerOf(home.database, engine.jobs, world.nowMs);
  return { remote, ledger: { ...ledger, queue: engine.queue } };
};

async function remove(world: World, name: string): Promise<void> {
  const { engine } = world.open();
  const job = jobsOf(world, name).find(({ state }) => state.kind === 'verified');
  if (!job?.key || !job.fingerprint) return;
  const { sha256 } = job.fingerprint;
  const { remote, ledger } = ledgerIn(world);
  const removing = removeObject(remote, ledger, job.key, world.nowMs(), never);
  const isHeard = (await untilHeard(world, removing)) !== undefined;
  if (!isHeard && !mayBeDone(world, engine) && (await isStored(world, job.key))) return;
  world.decided.add(sha256);
  if (isHeard && !world.repeated.has(sha256)) letGo(world, sha256, job);
  // Two of them may be there from then on: the one that comes back, and the one that was sent anew.
  world.repeated.add(sha256);
  // It may be on its way yet.
  if (!isHeard) world.unsure.add(sha256);
}

async function back(world: World, name: string): Promise<void> {
  const { engine } = world.open();
  const job = jobsOf(world, name).find(
    ({ state }) => state.kind === 'dropped' && state.why === 'deleted',
  );
  if (!job?.key || !job.fingerprint) return;
  const { remote, ledger } = ledgerIn(world);
  await untilHeard(world, bringBack(remote, ledger, job.key, never));
  if (mayBeDone(world, engine) || (await isStored(world, job.key)))
    world.letGo.delete(job.fingerprint.sha256);
}

async function dismiss(world: World, name: string): Promise<void> {
  const { engine } = world.open();
  const file = world.files.get(name);
  const ids = jobsOf(world, name).map(({ id }) => id);
  if (ids.length === 0 || !file) return;
  world.decided.add(file.sha256);
  const dismissing = engine.decisions.dismiss({ ids });
  if (!(await untilHeard(world, dismissing))) return;
  const stored = [...(await world.bucket.objects()).values()];
  const isThere = stored.some(({ sha256 }) => sha256 === file.sha256);
  const isLetGo = jobsOf(world, name).some((job) => isOf(world, name, job, 'cancelled'));
  // What is on its way yet was sent before.
  const isOnly = !world.repeated.has(file.sha256) && world.late.length === 0;
  if (isLetGo && !isThere && isOnly)
    for (const job of jobsOf(world, name)) letGo(world, file.sha256, job);
}

/** Whether a person has decided about the very version that is at its path. */
function isOf(world: World, name: string, { state, ...job }: Job, why: string): boolean {
  const isDropped = state.kind === 'dropped' && state.why === why;
  return isDropped && world.isVersion(name, job);
}

function sendAgain(world: World, name: string): void {
  const { engine } = world.open();
  const ids = jobsOf(world, name).map(({ id }) => id);
  for (const { fingerprint } of jobsOf(world, name))
    if (fingerprint) world.letGo.delete(fingerprint.sha256);
  const file = world.files.get(name);
  if (file) world.letGo.delete(file.sha256);
  if (ids.length > 0) engine.decisions.sendAgain({ ids });
}

async function handOver(world: World, name: string): Promise<void> {
  const { engine } = world.open();
  const { sha256 } = world.files.get(name)!;
  const path = world.path(name);
  world.letGo.delete(sha256);
  const results = await untilHeard(world, engine.takeIn([path], toBio, never));
  // It is wanted after all, there. What was decided before of another class stays.
  if (typeof results?.get(path) === 'number' && world.decided.delete(sha256))
    world.sentToo.delete(sha256);
}

/** From nowhere that is watched: only its being handed over says that it is wanted. */
async function handOverFromElsewhere(
  world: World,
  sizeBytes: number,
  isKilled: boolean,
): Promise<void> {
  const { engine, home } = world.open();
  const { path, file } = world.writeElsewhere(sizeBytes);
  const taking = engine.takeIn([path], toBio, never);
  taking.catch(() => {});
  const isWritten = () =>
    engine.jobs.ofPath(path).length > 0 || takenInStore(home.database).placeOf(path) !== undefined;
  if (isKilled) {
    while (world.app?.engine === engine && !isWritten()) await setTimeout(1);
    if (world.app?.engine !== engine) return;
    world.handed.set(path, file);
    world.crash();
    return;
  }
  const results = await untilHeard(world, taking);
  if (typeof results?.get(path) === 'number') world.handed.set(path, file);
}

const whenConnected = (file: string) => (model: Model) => model.isConnected && has(file)(model);
const always = (): boolean => true;

/** Those that a person does with these files. */
export function personal(...names: readonly string[]): fc.Arbitrary<Command> {
  const name = fc.constantFrom(...names);
  const on = (what: string, act: (world: World, file: string) => void | Promise<void>) =>
    name.map((file) => command(`${what} ${file}`, has(file), (world) => act(world, file)));
  const first = on('put first', async (world, file) => {
    const { engine } = world.open();
    const ids = jobsOf(world, file).map(({ id }) => id);
    if (ids.length > 0) await untilHeard(world, engine.decisions.sendFirst({ ids }));
  });
  const retry = fc.constant(
    command('try again', always, (world) => {
      world.open().engine.decisions.retry({ ids: [] });
    }),
  );
  const byHand = name.map((file) =>
    command(`hand over ${file}`, whenConnected(file), (world) => handOver(world, file)),
  );
  const elsewhere = fc.tuple(small, fc.boolean()).map(([bytes, isKilled]) => {
    const what = `hand over from elsewhere (${bytes})${isKilled ? ', killed' : ''}`;
    return command(what, always, (world) => handOverFromElsewhere(world, bytes, isKilled));
  });
  const pause = fc.constantFrom(...operations).map((operation) =>
    command(`at the next ${operation}: pause`, always, (world) =>
      world.addRule({
        on: operation,
        trick: {
          kind: 'run',
          what: 'pause',
          change() {
            const queue = world.app?.engine.queue;
            queue?.setPaused(true);
            void setTimeout(PAUSE_MS).then(() => queue?.setPaused(false));
          },
        },
      }),
    ),
  );
  return fc.oneof(
    { arbitrary: on('touch', (world, file) => world.touch(file)), weight: 4 },
    { arbitrary: first, weight: 3 },
    { arbitrary: retry, weight: 2 },
    { arbitrary: on('dismiss', dismiss), weight: 4 },
    { arbitrary: on('send again', (world, file) => sendAgain(world, file)), weight: 3 },
    { arbitrary: on('delete the object of', remove), weight: 5 },
    { arbitrary: on('bring back', back), weight: 5 },
    { arbitrary: byHand, weight: 4 },
    { arbitrary: elsewhere, weight: 4 },
    { arbitrary: pause, weight: 3 },
  );
}
