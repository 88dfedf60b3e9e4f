import { canComeBack, wasStored, type Hold, type JobEvent } from '#shared/job.ts';
import { breach } from '#shared/limits.ts';
import { isSame, keyExtension, type Destination } from '#shared/recording.ts';
import { complete, type Verdict } from '../container/verdict.ts';
import {
  holdFor,
  isHeldForClass,
  isHeldForItself,
  isKeptByLimits,
  isSameHold,
  needsClass,
} from './holds.ts';
import { couldBe, isDropped, isSentByHand, isStoredBesides } from './known-jobs.ts';
import { destinationOf, isFrom, nameOf, newFile, newTarget, ofItsPlace } from './targets.ts';
import { crashPoint } from '../test-hooks.ts';
import type { Sighting } from '../watch/scan.ts';
import type { Folder, FolderRule } from '../store/folders.ts';
import { isSameFile, isSameVersion } from '../store/job-row.ts';
import type { Job, JobStore } from '../store/jobs.ts';

export type Intake = ReturnType<typeof createIntake>;

/**
 * Turns files that have settled into jobs. Idempotent: a second sighting changes nothing.
 *
 * @param handedTo Where a person sends a file that settles yet.
 * @param storage Where what is taken in goes, see `Remote.place`; unknown where nothing is sent.
 */
export function createIntake(
  jobs: JobStore,
  nowMs: () => number,
  handedTo: (path: string) => Destination | undefined = () => undefined,
  storage?: string,
) {
  // Under another key nobody would find out that a person has deleted it.
  const keepsKey = (job: Job): boolean => jobs.isBeingDeleted(job, storage);

  /** Before all that have a time for their turn; also by a clock that stands before 1970, which would not get there. */
  const firstOfAll = (): number => Math.min(0, nowMs());

  /** Sightings in a watched folder that could still become work; saves settling what is known. */
  function newsAmong(sightings: readonly Sighting[], { rule }: Pick<Folder, 'rule'>): Sighting[] {
    const open = jobs.notUnderWay(sightings);
    const news = open.filter(({ version, isKnown }) => !isKnown || isNews(version, rule));
    return news.map(({ version }) => version);
  }

  // A file whose change time moved may hold other bytes, with its size and times put back; and what a
  // folder's limits keep is another question once they have changed.
  function isNews(sighting: Sighting, rule: FolderRule): boolean {
    const known = jobs.ofVersion(sighting);
    return (
      known.every(({ state }) => canComeBack(state)) ||
      known.every(({ file }) => file !== undefined && file.ctimeNs !== sighting.ctimeNs) ||
      known.some((job) => isKeptByLimits(job.state) && !isSameHold(job.state, breach(rule, job)))
    );
  }

  /** A file of a watched folder. A version that was sent before, wherever to, is not sent again. */
  function accept(sighting: Sighting, folder: Folder, verdict: Verdict = complete): Job {
    return acceptAmong(jobs.ofPath(sighting.path), sighting, folder, verdict);
  }

  /** The same, unless it may be a file of before that was moved: then nothing is done, and those jobs are given. */
  function acceptUnlessMoved(sighting: Sighting, folder: Folder, verdict: Verdict): Job[] {
    const known = jobs.ofPath(sighting.path);
    const earlier = known.some((job) => isSameVersion(job, sighting))
      ? []
      : couldBe(sighting, jobs.ofFile(sighting));
    if (earlier.length === 0) acceptAmong(known, sighting, folder, verdict);
    return earlier;
  }

  function acceptAmong(
    ofItsPath: readonly Job[],
    sighting: Sighting,
    folder: Folder,
    verdict: Verdict,
  ): Job {
    const hold = holdFor(verdict);
    const versions = ofItsPath.filter((job) => isSameVersion(job, sighting));
    // What a person sends elsewhere, and was found here first, or has changed before that was noticed there, still goes there.
    const elsewhere =
      versions.length === 0 &&
      (handedTo(sighting.path) ?? ofItsPath.find(isSentByHand)?.destination);
    if (elsewhere) return acceptByHand(sighting, elsewhere, verdict);
    const to = destinationOf(folder.rule);
    const job = atItsPlace(versions, sighting, to) ?? add(sighting, to, hold, folder);
    if (job.isByHand) return welcome(job, hold, job.destination, ofItsPath);
    keepAs(job, folder.rule);
    return welcome(job, hold, to, ofItsPath);
  }

  function atItsPlace(
    rows: readonly Job[],
    sighting: Sighting,
    to: Destination | undefined,
  ): Job | undefined {
    const job = ofItsPlace(rows, sighting, to);
    if (!job || isSameFile(job, sighting)) return job;
    const { name, folderId, movedTo } = job;
    return jobs.relocate(job.id, { ...sighting, name, folderId, movedTo });
  }

  /**
   * A job's file is at another path now. What was sent stays where it is in the bucket, and nothing is
   * sent again; what was not goes to where its new folder says.
   */
  function acceptMoved(
    job: Job,
    sighting: Sighting,
    folder: Folder,
    verdict: Verdict = complete,
  ): Job {
    const to = destinationOf(folder.rule);
    const name = nameOf(sighting);
    const isSameClass = isSame(job.destination, to);
    if (wasStored(job.state) || keepsKey(job)) {
      const movedTo = isSameClass ? undefined : to;
      const at = { ...sighting, name: job.name, folderId: folder.id, movedTo };
      const moved = jobs.relocate(job.id, at);
      return canComeBack(moved.state) ? welcome(moved, holdFor(verdict), to) : moved;
    }
    if (isSameClass && keyExtension(name) === keyExtension(job.name)) {
      const place = { ...sighting, name, folderId: folder.id, movedTo: undefined };
      keepAs(job, folder.rule);
      return welcome(jobs.relocate(job.id, place), holdFor(verdict), to);
    }
    if (job.state.kind !== 'dropped') jobs.apply(job.id, [{ type: 'superseded' }]);
    return accept(sighting, folder, verdict);
  }

  /** A file that a person sends, to where that person says. It comes before what waits. */
  function acceptByHand(sighting: Sighting, to: Destination, verdict: Verdict): Job {
    const hold = holdFor(verdict);
    const waiting = jobs.ofVersion(sighting).find(({ state }) => state.kind === 'held');
    const known = waiting ?? add(sighting, to, hold, undefined, firstOfAll());
    // Its folder may have taken it in before: from now on it goes there even if its bytes are stored elsewhere.
    if (!known.isByHand && !wasStored(known.state)) jobs.setByHand(known.id);
    const job = waiting ? release(waiting, to, hold) : welcome(known, hold, to);
    // Asking again is asking to try again.
    if (job.state.kind === 'failed')
      return jobs.apply(job.id, [{ type: 'retried', atMs: firstOfAll() }]);
    if (job.state.kind !== 'dropped') return job;
    jobs.setByHand(job.id);
    return sendAgain(job, [], hold);
  }

  /** A file that a plan sends, behind what waits already. What a person has cancelled or deleted stays so. */
  function acceptPlanned(sighting: Sighting, to: Destination): Job {
    const known = jobs.ofVersion(sighting);
    const there = known.findLast(({ destination }) => isSame(destination, to));
    if (there && isDropped(there, 'cancelled')) return there;
    const waiting = known.find(({ state }) => state.kind === 'held');
    if (waiting?.state.kind === 'held' && waiting.state.reason !== 'infected') {
      jobs.setByHand(waiting.id);
      return release(waiting, to);
    }
    // Its bytes tell whether it is what a person deleted, which stays so, under whatever name.
    const isAsked = ![...known, ...jobs.ofFile(sighting)].some(
      (job) => isDropped(job, 'deleted') && isSame(job.destination, to),
    );
    const job =
      waiting ?? welcome(add(sighting, to, undefined, undefined, nowMs(), isAsked), undefined, to);
    // What ends the program waits for a person: an upload goes on by itself at each start.
    if (job.state.kind !== 'failed' || job.state.code === 'ends-program') return job;
    return jobs.apply(job.id, [{ type: 'retried', atMs: nowMs() }]);
  }

  /**
   * For a person who asks for an object that is not there: from the start, where its folder's rule says by now.
   *
   * @param hold What keeps it all the same.
   */
  function sendAgain(job: Job, folders: readonly Folder[] = [], hold?: Hold): Job {
    const folder = folders.find((each) => isFrom(each, job));
    const to = folder ? destinationOf(folder.rule) : job.destination;
    // Or its bytes, which are or were stored besides, would be let go as before.
    if (isStoredBesides(jobs, job)) jobs.setByHand(job.id);
    if (folder) keepAs(job, folder.rule);
    return sendTo(to, job, { type: 'sentAgain', atMs: firstOfAll(), hold });
  }

  function add(
    sighting: Sighting,
    to: Destination | undefined,
    hold: Hold | undefined,
    folder?: Folder,
    notBeforeMs = nowMs(),
    isByHand = folder === undefined,
  ): Job {
    const kept = hold ?? (to === undefined ? needsClass : undefined);
    crashPoint('after-stat');
    return jobs.enqueue({
      ...newFile(sighting, to),
      folderId: folder?.id,
      isByHand,
      storageClass: folder?.rule.storageClass,
      state: kept
        ? { kind: 'held', ...kept }
        : { kind: 'queued', attempts: 0, notBeforeMs, code: null, upload: null },
    }).job;
  }

  /** Older versions that were not sent yet give way; a job that was given up comes back, for where it is to go by now. */
  function welcome(
    job: Job,
    hold: Hold | undefined,
    to: Destination | undefined,
    known: readonly Job[] = jobs.ofPath(job.path),
  ): Job {
    for (const old of known) {
      if (isSameVersion(old, job) || !['held', 'queued', 'failed'].includes(old.state.kind))
        continue;
      // What a person sends elsewhere gives way to what that person's next version is.
      if (old.isByHand && !job.isByHand && !isSame(old.destination, job.destination)) continue;
      jobs.apply(old.id, [{ type: 'superseded' }]);
    }
    const keeps = hold ?? (to === undefined ? needsClass : undefined);
    if (isHeldForItself(job.state) && !isSameHold(job.state, keeps)) {
      if (keeps === undefined) return release(job, to);
      return jobs.apply(job.id, [{ type: 'released', atMs: nowMs(), hold: keeps }]);
    }
    if (!canComeBack(job.state)) return job;
    const found = { type: 'found', atMs: nowMs(), hold: keeps } as const;
    const stays = isSame(job.destination, to) || keepsKey(job);
    return stays ? jobs.apply(job.id, [found]) : sendTo(to, job, found);
  }

  /** In its folder's storage class, from its next upload on: an open one keeps its own. */
  function keepAs(job: Job, { storageClass }: FolderRule): void {
    if (job.storageClass !== storageClass) jobs.setStorageClass(job.id, storageClass);
  }

  /** For a person who wants what is held to be sent as it is. Without a class it is held for that then. */
  function uploadAnyway(job: Job, folder: Folder | undefined): Job {
    return release(job, job.destination ?? (folder && destinationOf(folder.rule)));
  }

  /** @param hold What keeps it still: then it waits on, to go there. */
  function release(job: Job, to: Destination | undefined, hold?: Hold): Job {
    return sendTo(to, job, { type: 'released', atMs: nowMs(), hold });
  }

  /**
   * Under a new key, or held where nobody has said where it belongs. What has a job for that place already, as
   * when a person sent it there, too, goes by that one.
   */
  function sendTo(to: Destination | undefined, job: Job, event: Going): Job {
    const there = jobs
      .ofVersion(job)
      .find(
        (other) =>
          other.id !== job.id &&
          isSame(other.destination, to) &&
          other.file?.ctimeNs === job.file?.ctimeNs,
      );
    if (!there) {
      const going = to ? event : { ...event, hold: event.hold ?? needsClass };
      // An open upload is one of the former key.
      const events = job.state.kind === 'failed' ? [{ type: 'outdated' } as const, going] : [going];
      return jobs.retarget(job.id, events, newTarget(to, job.name));
    }
    if (job.state.kind !== 'dropped') jobs.apply(job.id, [{ type: 'superseded' }]);
    const isWanted = event.type === 'sentAgain' || !isDropped(there, 'deleted');
    if (there.state.kind !== 'dropped' || !isWanted) return there;
    // A new class alone lets nothing unfinished go.
    const isStillHeld = event.type === 'rerouted' && isHeldForItself(job.state);
    const hold = isStillHeld ? job.state : event.hold;
    return sendTo(to, there, { type: 'sentAgain', atMs: nowMs(), hold });
  }

  return {
    newsAmong,
    accept,
    acceptUnlessMoved,
    acceptMoved,
    acceptByHand,
    acceptPlanned,
    sendAgain,
    uploadAnyway,
    /** Lets what is not stored go where its folder's rule says by now, or wait for a class. */
    goBy(rule: FolderRule, job: Job): void {
      if (keepsKey(job)) return;
      const to = destinationOf(rule);
      // Also back to where it was to go before its folder had no class.
      const isToMove = (to && isHeldForClass(job.state)) || !isSame(job.destination, to);
      keepAs(isToMove ? sendTo(to, job, { type: 'rerouted', atMs: nowMs() }) : job, rule);
    },
  };
}

/** Lets a job go on, or wait for something else. */
type Going = Extract<JobEvent, { type: 'released' | 'found' | 'rerouted' | 'sentAgain' }>;
