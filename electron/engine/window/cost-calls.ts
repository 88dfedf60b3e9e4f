/** @file The calls about what the storage costs. */
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import type { KnownStorage } from '../doctor/known.ts';
import { keptSums, storedNow, unfinishedSums } from '../library/cost.ts';
import { setPrice, tariffOf } from '../library/prices.ts';
import type { StoragePlace } from '../s3/storage-settings.ts';
import { placeOf } from '../s3/known.ts';
import type { Remote } from '../s3/remote.ts';
import type { Session } from './session.ts';

export type CostCalls = Pick<Api, 'getCost' | 'countOldVersions' | 'countUnfinished' | 'setPrice'>;

type Context = Readonly<{
  /** @throws AppError with what keeps the library from being open. */
  session: () => Session;
  /** @throws AppError `settings-missing`, `settings-wrong` */
  settings: () => Promise<StoragePlace>;
  known: (settings: StoragePlace) => KnownStorage;
  nowMs: () => number;
  signal: AbortSignal;
}>;

export function createCostCalls(context: Context): CostCalls {
  const { session, settings, known, nowMs, signal } = context;
  function remote(): Remote {
    const { remote: open } = session();
    if (!open) throw new AppError('settings-missing', 'The connection is not set up yet');
    return open;
  }
  return {
    async getCost() {
      const { objects, database } = session();
      const place = await settings();
      const { stored, indexedAtMs = null } = await storedNow(objects, placeOf(place), nowMs());
      return {
        stored,
        indexedAtMs,
        tariff: tariffOf(place, database, known(place).get('region') ?? place.region),
      };
    },
    async countOldVersions({ from }) {
      const start = from === null ? undefined : { ...from, versionId: from.versionId ?? undefined };
      const { next, ...found } = await keptSums(remote(), start, signal);
      return {
        ...found,
        next: next ? { key: next.key, versionId: next.versionId ?? null } : null,
      };
    },
    countUnfinished: () => unfinishedSums(remote(), signal),
    async setPrice({ storageClass, price }) {
      const place = await settings();
      setPrice(place, session().database, storageClass, price ?? undefined, nowMs());
      return {};
    },
  };
}
