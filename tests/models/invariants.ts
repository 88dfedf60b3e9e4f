/** @file What must hold: after every command (safety), and once all troubles are over (liveness). */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { catalogue } from '../../shared/troubles/catalogue.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import type { HeldObject } from './bucket.ts';
import { FOREIGN_KEY, type World } from './world.ts';

/** What the model says against what there is; empty when all is well. Each line begins with its promise. */
export async function broken(world: World): Promise<string[]> {
  // The engine may go on meanwhile: what it says comes first, and has to be so from then on.
  const jobs = world.jobs() ?? [];
  const classId = world.folder()?.rule.classId;
  const objects = await world.bucket.objects();
  return [
    ...falseProofs(world, jobs, objects),
    ...tornObjects(world, objects),
    ...overwritten(world, objects),
    ...touchedSources(world),
    ...sentUnasked(world, objects),
    ...strangeKeys(objects),
    ...wrongClass(world, jobs, classId),
    ...goneWhileAway(world, jobs),
    ...blamed(world, jobs),
    ...spilledSecrets(world),
    ...(await touchedForeign(world)),
  ];
}

/** P1: what is called verified is there, ours and equal. */
function falseProofs(
  world: World,
  jobs: readonly Job[],
  objects: ReadonlyMap<string, HeldObject>,
): string[] {
  return jobs
    .filter(({ state }) => state.kind === 'verified')
    .flatMap(({ path, key = '', token, fingerprint }) => {
      const held = objects.get(key);
      const name = world.nameOf(path);
      // Nobody has heard that it was deleted.
      if (!held && world.unsure.has(fingerprint?.sha256 ?? '')) return [];
      if (!held) return [`P1: ${name} is verified, and there is no such object`];
      const isEqual =
        held.sha256 === fingerprint?.sha256 && held.sizeBytes === fingerprint.sizeBytes;
      if (!isEqual) return [`P1: ${name} is verified, and the object is another`];
      return held.token === token ? [] : [`P1: ${name} is verified by somebody else's object`];
    });
}

/** P3: every object is one content that a writer finished. */
function tornObjects(world: World, objects: ReadonlyMap<string, HeldObject>): string[] {
  return [...objects.values()]
    .filter(({ sha256 }) => !world.closed.has(sha256))
    .map(({ key, sizeBytes }) => `P3: ${key} (${sizeBytes} bytes) is no version of any file`);
}

/**
 * P4: no key was ever written twice, and no content that only one file had is there twice in a class. Two files with
 * the same bytes may be: where one's answer was lost, the other is sent, since nothing is proven yet.
 */
function overwritten(world: World, objects: ReadonlyMap<string, HeldObject>): string[] {
  const all = [...objects.values()];
  // What cannot be seen is sent, rather than lost.
  const again = world.denied.has('head')
    ? []
    : all.filter((held) => !world.repeated.has(held.sha256) && isTwice(held, all));
  return [
    ...all
      .filter(({ versions }) => versions !== 1)
      .map(({ key, versions }) => `P4: ${key} was written ${versions} times`),
    ...again.map(({ sha256 }) => `P4: ${world.closed.get(sha256)} was stored twice`),
  ];
}

/** Whether its content is there in its class besides, under an earlier key. */
export const isTwice = ({ key, sha256 }: HeldObject, all: readonly HeldObject[]): boolean =>
  all.some(
    (other) => other.sha256 === sha256 && classOf(other.key) === classOf(key) && other.key < key,
  );

/** What a person has let go, or deleted, is not sent again by itself. */
function sentUnasked(world: World, objects: ReadonlyMap<string, HeldObject>): string[] {
  return [...objects.values()]
    .filter(({ key, sha256 }) => world.letGo.get(sha256)?.has(classOf(key)))
    .map(({ sha256 }) => `Unasked: ${world.closed.get(sha256)} was sent, which was let go`);
}

/** P6: the folder holds what its writers left in it, and nothing else. Big files are compared by size. */
function touchedSources(world: World): string[] {
  const found = world.found();
  const strange = found.filter((name) => !world.files.has(name));
  const missing = [...world.files.keys()].filter((name) => !found.includes(name));
  const changed = [...world.files].filter(([name, { sha256, sizeBytes }]) => {
    if (!found.includes(name)) return false;
    if (lstatSync(world.path(name)).size !== sizeBytes) return true;
    return sizeBytes < 100_000 && sha256 !== hashOf(readFileSync(world.path(name)));
  });
  return [
    ...strange.map((name) => `P6: ${name} was put into the folder`),
    ...missing.map((name) => `P6: ${name} was taken out of the folder`),
    ...changed.map(([name]) => `P6: ${name} was written`),
  ];
}

/** P16: keys say where a recording belongs, whatever it is called. */
function strangeKeys(objects: ReadonlyMap<string, HeldObject>): string[] {
  return [...objects.keys()]
    .filter((key) => !/^audio\/(?:bio-101|chem-9)\/[0-9a-f-]{36}(?:\.[a-z0-9]{1,10})?$/.test(key))
    .map((key) => `P16: an object was stored at ${key}`);
}

/** What waits goes to where its folder's rule says by now, and a key says where it went. */
function wrongClass(world: World, jobs: readonly Job[], classId: string | undefined): string[] {
  return jobs
    .filter(({ key, destination, isByHand, state }) => {
      const to = destination && 'classId' in destination ? destination.classId : undefined;
      if (key !== undefined && state.kind !== 'dropped' && classOf(key) !== to) return true;
      const isWaiting = ['held', 'queued'].includes(state.kind);
      return !isByHand && isWaiting && to !== classId;
    })
    .map(({ path }) => `Class: ${world.nameOf(path)} goes elsewhere than its folder says`);
}

/** P8: somebody else's unfinished upload stays. */
async function touchedForeign({ bucket }: World): Promise<string[]> {
  const open = await bucket.unfinished();
  const isThere = open.some(({ key }) => key === FOREIGN_KEY);
  return isThere ? [] : ["P8: somebody else's upload was ended"];
}

/** P13: while its folder is away, no file is "gone". An older version that was deleted before is. */
function goneWhileAway(world: World, jobs: readonly Job[]): string[] {
  if (world.isConnected) return [];
  return jobs
    .filter(({ path, state, sizeBytes, mtimeNs }) => {
      if (state.kind !== 'failed' || !['file-gone', 'file-away'].includes(state.code)) return false;
      if (!world.files.has(world.nameOf(path))) return false;
      const { size, mtimeNs: now } = lstatSync(world.path(world.nameOf(path)), { bigint: true });
      return size === BigInt(sizeBytes) && now === BigInt(mtimeNs);
    })
    .map(({ path }) => `P13: ${world.nameOf(path)} is called gone, and only its folder is away`);
}

/** Nothing but what was under way with ten crashes waits for a person as what ends the program. */
function blamed(world: World, jobs: readonly Job[]): string[] {
  return jobs
    .filter(({ state }) => state.kind === 'failed' && state.code === 'ends-program')
    .filter(({ id }) => (world.cuts.get(id) ?? 0) < 10)
    .map(({ id, path }) => `Blamed: ${world.nameOf(path)} for ${world.cuts.get(id) ?? 0} crashes`);
}

/** P18: no line that was logged holds the secret. */
function spilledSecrets({ lines, s3 }: World): string[] {
  return lines
    .filter((line) => line.includes(s3.secretAccessKey))
    .map((line) => `P18: a secret was logged: ${line.slice(0, 80)}`);
}

/** P2, P8, P12: after the last trouble, every recording is in the storage or waits for a reason that can be read. */
export async function unfinished(world: World): Promise<string[]> {
  const objects = await world.bucket.objects();
  const jobs = world.jobs() ?? [];
  const stored = new Set([...objects.values()].map(({ sha256 }) => sha256));
  const proven = new Set(
    jobs.flatMap(({ state, fingerprint }) =>
      state.kind === 'verified' && fingerprint ? [fingerprint.sha256] : [],
    ),
  );
  const lost = [...world.files].filter(([name, { sha256, sizeBytes }]) => {
    if (world.unsure.has(sha256)) return false;
    const ofPath = jobs.filter(({ path }) => world.nameOf(path) === name);
    const isLeft =
      world.decided.has(sha256) &&
      ofPath.some((job) => isLetGo(job.state) && world.isVersion(name, job));
    if (sizeBytes === 0) return !isLeft && !ofPath.some(({ state }) => state.kind === 'held');
    return !isLeft && (!stored.has(sha256) || !proven.has(sha256));
  });
  const forgotten = [...world.handed].filter(
    ([, { sha256 }]) => !stored.has(sha256) || !proven.has(sha256),
  );
  const withheld = [...world.sentToo].filter(
    ([sha256, classId]) =>
      [...world.files.values()].some((file) => file.sha256 === sha256) &&
      !world.decided.has(sha256) &&
      ![...objects.values()].some(
        (held) => held.sha256 === sha256 && classOf(held.key) === classId,
      ),
  );
  const stuck = jobs.filter(({ state }) => isStuck(state));
  const live = new Set(jobs.flatMap(({ state }) => ('upload' in state ? state.upload?.id : [])));
  const open = await world.bucket.unfinished();
  const orphans = open.filter(({ key, id }) => key !== FOREIGN_KEY && !live.has(id));
  return [
    ...lost.map(([name]) => `P2: ${name} was not uploaded: ${statesOf(world, jobs, name)}`),
    ...forgotten.map(
      ([path]) =>
        `P2: ${world.nameOf(path)} was handed over: ${statesOf(world, jobs, world.nameOf(path))}`,
    ),
    ...withheld.map(
      ([sha256, classId]) => `P2: ${world.closed.get(sha256)} was to go to ${classId} as well`,
    ),
    ...stuck.map(({ path, state }) => `P2: ${world.nameOf(path)} stays ${state.kind}`),
    ...orphans.map(({ key }) => `P8: an upload of ${key} is left over`),
  ];
}

const classOf = (key: string): string => key.split('/')[1] ?? '';

const isLetGo = (state: Job['state']): boolean =>
  state.kind === 'dropped' && state.why !== 'superseded';

function isStuck(state: Job['state']): boolean {
  if (state.kind === 'failed') return !(state.code in catalogue);
  return !['verified', 'dropped', 'held'].includes(state.kind);
}

function statesOf(world: World, jobs: readonly Job[], name: string): string {
  const states = jobs
    .filter(({ path }) => world.nameOf(path) === name)
    .map(({ state }) => JSON.stringify(state));
  return states.join(' ') || 'unknown to the ledger';
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
