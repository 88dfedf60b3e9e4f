/** @file The lifecycle rules of the bucket beside those that are wanted, and, once a person has seen that, applied. */
import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import {
  canonical,
  planLifecycle,
  type LifecycleChoices,
  type LifecyclePlan,
} from '#shared/lifecycle.ts';
import { openS3Client } from '../s3/client.ts';
import type { StorageSettings } from '../s3/storage-settings.ts';
import type { Known } from '../s3/known.ts';
import { readLifecycle, writeLifecycle, type Lifecycle } from '../s3/lifecycle.ts';
import { openTransport } from '../s3/transport.ts';
import { mustBeFree } from '../school/school.ts';

/** `seen`: stands for the rules as they were looked at, and for what was to become of them. */
export type SeenPlan = LifecyclePlan & Readonly<{ seen: string }>;

type Storage = Readonly<{ settings: StorageSettings; known: Known; signal: AbortSignal }>;

/** @throws AppError `rules-denied`, `rules-unknown`, the storage's trouble */
export function lookAtRules(storage: Storage, choices: LifecycleChoices): Promise<SeenPlan> {
  return withClient(storage, async (read) => planOf(await read(), choices));
}

/**
 * Applies what was seen, and nothing else: the rules are read again right before.
 *
 * @throws AppError `rules-changed` when they, or the choices, are not those that were seen ·
 *   as `lookAtRules` · as `mustBeFree`
 */
export async function applyRules(
  storage: Storage,
  choices: LifecycleChoices,
  seen: string,
): Promise<{ rules: number }> {
  const { settings, signal } = storage;
  if (choices.endOldVersionsAfterDays !== null) mustBeFree(settings.limits, 'delete');
  return withClient(storage, async (read, client) => {
    const now = await read();
    const plan = planOf(now, choices);
    if (plan.seen !== seen) throw new AppError('rules-changed');
    if (plan.isSame) return { rules: plan.next.length };
    await writeLifecycle(client, settings.bucket, { ...now, rules: plan.next }, signal);
    const after = await read();
    if (sorted(after.rules) !== sorted(plan.next))
      throw new AppError('rules-changed', 'The storage has other rules now than it was sent');
    return { rules: after.rules.length };
  });
}

function planOf({ rules }: Lifecycle, choices: LifecycleChoices): SeenPlan {
  const plan = planLifecycle(rules, choices);
  const seen = createHash('sha256')
    .update(canonical([rules, plan.next]))
    .digest('hex')
    .slice(0, 12);
  return { ...plan, seen };
}

/** A storage may list them in another order. */
const sorted = (rules: readonly object[]) => rules.map(canonical).toSorted().join('\n');

async function withClient<T>(
  { settings, known, signal }: Storage,
  work: (read: () => Promise<Lifecycle>, client: ReturnType<typeof openS3Client>) => Promise<T>,
): Promise<T> {
  const client = openS3Client(settings, openTransport(settings, known));
  try {
    return await work(() => readLifecycle(client, settings.bucket, signal), client);
  } finally {
    client.destroy();
  }
}
