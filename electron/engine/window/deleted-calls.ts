/** @file The calls about what was deleted and can be brought back. */
import type { Api } from '#shared/api.ts';
import type { LifecycleRule } from '#shared/lifecycle.ts';
import { AppError } from '#shared/errors.ts';
import { keptDays } from '#shared/old-versions.ts';
import { parseObjectKey } from '#shared/recording.ts';
import { DAY_MS } from '#shared/time.ts';
import { bringAllBack, ledgerOf } from '../library/bring-back.ts';
import {
  deletedNames,
  hasOwnNumber,
  keepsVersions,
  maySeeDeleted,
  someDeleted,
} from '../library/deleted.ts';
import type { Remote } from '../s3/remote.ts';
import type { Session } from './session.ts';

/** For one answer. A large bucket in which little was deleted takes several. */
const SOME = { enough: 200, pages: 10 };

export function createDeletedCalls(
  session: () => Session,
  remote: () => Remote,
  { nowMs, signal }: Readonly<{ nowMs: () => number; signal: AbortSignal }>,
): Pick<Api, 'listDeleted' | 'bringBack' | 'getKept'> {
  return {
    async listDeleted({ owner, from }) {
      const storage = remote();
      const { objects } = session();
      const prefix = owner === null ? '' : `${owner.kind}/${owner.ownerId}/`;
      const start = from === null ? undefined : { ...from, versionId: from.versionId ?? undefined };
      const [page, versioning, rules] = await Promise.all([
        someDeleted(storage, prefix, start, SOME, signal),
        keepsVersions(storage, signal),
        rulesOf(storage, signal),
      ]);
      const names = await deletedNames(storage, objects.nameOf, page.deleted, signal);
      const rows = page.deleted.map((one) => {
        const { key, sizeBytes, deletedAtMs } = one;
        const days = keptDays(rules ?? [], one);
        const parsed = parseObjectKey(key);
        return {
          key,
          name: names.get(key) ?? null,
          kind: parsed?.kind ?? null,
          ownerId: parsed?.ownerId ?? null,
          sizeBytes,
          deletedAtMs,
          keptUntilMs: days === null ? null : Math.floor(deletedAtMs + days * DAY_MS),
          canReturn: hasOwnNumber(one),
        };
      });
      const { next } = page;
      const mark = next ? { key: next.key, versionId: next.versionId ?? null } : null;
      return { rows, looked: page.looked, next: mark, versioning };
    },

    async bringBack({ keys }) {
      const { database, engine, deletions, jobs, known } = session();
      const ledger = ledgerOf(database, jobs, nowMs);
      const { restored, isAllowed, failed, left } = await deletions.run((ending) =>
        bringAllBack(remote(), ledger, keys, ending),
      );
      engine?.queue.pump();
      if (isAllowed) known?.allow('s3:DeleteObjectVersion');
      if (left.length > 0) throw new AppError('offline', 'The library was closed meanwhile');
      return { restored: restored.length, failed: [...failed] };
    },

    async getKept(object) {
      const [rules, versioning, maySee] = await Promise.all([
        rulesOf(remote(), signal),
        keepsVersions(remote(), signal),
        maySeeDeleted(remote(), object.key, signal),
      ]);
      const days = keptDays(rules ?? [], object);
      return { days, isKnown: rules !== undefined, versioning, maySee };
    },
  };
}

/** @returns `undefined` where they cannot be seen, or the storage knows none. */
async function rulesOf(
  remote: Remote,
  signal: AbortSignal,
): Promise<readonly LifecycleRule[] | undefined> {
  return remote.lifecycleRules(signal).catch((error: unknown) => {
    if (error instanceof AppError && error.scope !== 'storage') return undefined;
    throw error;
  });
}
