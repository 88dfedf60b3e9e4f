/**
 * @file Lifecycle rules for a bucket, made of a few choices, beside those that it has. Their shape is that of
 * the S3 API ("PutBucketLifecycleConfiguration") and of the AWS command line.
 */
import { z } from 'zod';
import { count } from './format.ts';
import { destinationKinds } from './recording.ts';
import { classNotes, storageClasses } from './storage-class.ts';

const days = z.int().min(1).max(36_500);

/** What a person chooses. Nothing of it ever ends the only copy of a recording. */
export const lifecycleChoices = z.object({
  /** Parts of uploads that were never finished. Below a week, slow lines would start over. */
  endUnfinishedAfterDays: days.min(7).nullable(),
  /** Moves what is stored in one of the places to a class. */
  transition: z
    .object({
      kind: z.enum(destinationKinds),
      storageClass: z.enum(storageClasses).exclude(['STANDARD']),
      afterDays: days,
    })
    .nullable(),
  /** Where the bucket keeps versions: those that were deleted or written over. */
  endOldVersionsAfterDays: days.nullable(),
});
export type LifecycleChoices = z.output<typeof lifecycleChoices>;

export const recommended: LifecycleChoices = {
  endUnfinishedAfterDays: 7,
  transition: null,
  endOldVersionsAfterDays: null,
};

/** Of somebody else there may be anything in it. */
export type LifecycleRule = Readonly<{ ID?: string | undefined; Status?: string | undefined }> &
  Readonly<Record<string, unknown>>;

/** What is ours is known by how it is called. */
const OURS = 'pansea-sync-';
const isOurs = ({ ID = '' }: LifecycleRule) => ID.startsWith(OURS);

function ruleOf(id: string, prefix: string, action: object): LifecycleRule {
  return { ID: `${OURS}${id}`, Status: 'Enabled', Filter: { Prefix: prefix }, ...action };
}

/** For the three places of the layout, and nothing else in the bucket. */
export function rulesFor(choices: LifecycleChoices): LifecycleRule[] {
  const { endUnfinishedAfterDays, transition, endOldVersionsAfterDays } = choices;
  const rules: LifecycleRule[] = [];
  if (endUnfinishedAfterDays !== null)
    for (const kind of destinationKinds)
      rules.push(
        ruleOf(`unfinished-${kind}`, `${kind}/`, {
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: endUnfinishedAfterDays },
        }),
      );
  if (transition !== null) {
    const { kind, afterDays: Days, storageClass: StorageClass } = transition;
    rules.push(ruleOf(`move-${kind}`, `${kind}/`, { Transitions: [{ Days, StorageClass }] }));
  }
  if (endOldVersionsAfterDays !== null)
    for (const kind of destinationKinds)
      rules.push(
        ruleOf(`old-versions-${kind}`, `${kind}/`, {
          NoncurrentVersionExpiration: { NoncurrentDays: endOldVersionsAfterDays },
        }),
      );
  return rules;
}

/** `=` stays as it is, `+` is added, `-` is taken away: only ever a former one of ours. */
export type RuleChange = Readonly<{ sign: '=' | '+' | '-'; text: string }>;
export type LifecyclePlan = Readonly<{
  next: readonly LifecycleRule[];
  changes: RuleChange[];
  isSame: boolean;
}>;

/** @param now The rules that the bucket has. */
export function planLifecycle(
  now: readonly LifecycleRule[],
  choices: LifecycleChoices,
): LifecyclePlan {
  const wanted = rulesFor(choices);
  const stays = (rule: LifecycleRule) => !isOurs(rule) || wanted.some((one) => isEqual(one, rule));
  const kept = now.filter(stays);
  const gone = now.filter((rule) => !stays(rule));
  const added = wanted.filter((rule) => !kept.some((one) => isEqual(one, rule)));
  const change = (sign: RuleChange['sign']) => (rule: LifecycleRule) => ({
    sign,
    text: ruleText(rule),
  });
  return {
    next: [...kept, ...added],
    changes: [...kept.map(change('=')), ...gone.map(change('-')), ...added.map(change('+'))],
    isSame: added.length === 0 && gone.length === 0,
  };
}

/** What a person should know before it is applied, a sentence each. */
export function lifecycleWarnings({
  transition,
  endOldVersionsAfterDays,
}: LifecycleChoices): string[] {
  return [
    ...(transition === null ? [] : classNotes(transition.storageClass)),
    ...(endOldVersionsAfterDays === null
      ? []
      : [
          `What was deleted in the storage can be brought back for ${count(endOldVersionsAfterDays, 'day')}, and not after.`,
        ]),
  ];
}

/** What can be said in words; anything beside it cannot. */
const shape = z.strictObject({
  ID: z.string().optional(),
  Status: z.string().optional(),
  Prefix: z.string().optional(),
  Filter: z.strictObject({ Prefix: z.string().optional() }).optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: z.number() }).optional(),
  Transitions: z.array(z.strictObject({ Days: z.number(), StorageClass: z.string() })).optional(),
  NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: z.number() }).optional(),
});

/** One line. Of what is not of our making it says all there is. */
function ruleText(rule: LifecycleRule): string {
  const read = shape.safeParse(rule);
  if (!read.success) return `${rule.ID ?? 'without a name'}: ${JSON.stringify(rule)}`;
  const { ID, Status, Prefix, Filter, ...actions } = read.data;
  const where = Filter?.Prefix || Prefix || 'all of the bucket';
  const what = [
    actions.AbortIncompleteMultipartUpload &&
      `unfinished uploads end after ${count(actions.AbortIncompleteMultipartUpload.DaysAfterInitiation, 'day')}`,
    ...(actions.Transitions ?? []).map(
      ({ Days, StorageClass }) => `moves to ${StorageClass} after ${count(Days, 'day')}`,
    ),
    actions.NoncurrentVersionExpiration &&
      `old versions end after ${count(actions.NoncurrentVersionExpiration.NoncurrentDays, 'day')}`,
  ].filter((text) => text !== undefined);
  const off = Status === 'Enabled' ? '' : ', turned off';
  const name = isOurs(rule) ? '' : ` (${ID ?? 'without a name'})`;
  return `${where}: ${what.join(', ') || 'nothing'}${off}${name}`;
}

/** By content, in whatever order the fields are. */
function isEqual(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Text that is the same for the same rules. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
