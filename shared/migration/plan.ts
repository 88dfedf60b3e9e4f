/** @file A plan: which file of an archive would go where, and which would not, and why. docs/MIGRATION.md describes its file. */
import { z } from 'zod';
import { count } from '../format.ts';
import { estimate } from './estimate.ts';
import { sum } from './migration.ts';
import { destination } from '../recording.ts';

/**
 * What can be the matter with a file, in the order in which a plan lists it. What `blocks` keeps this file
 * from being sent, and no other.
 */
export const planProblems = {
  'mapped-twice': { blocks: true, title: 'The mapping names two places for it' },
  'bad-mapping': { blocks: true, title: 'Its line of the mapping is not valid' },
  unmapped: { blocks: true, title: 'Nothing says where it is to go' },
  'not-a-recording': {
    blocks: true,
    title: 'No recording by its name: map it as documents or uploads',
  },
  unreadable: { blocks: true, title: 'It cannot be read' },
  'not-a-file': { blocks: true, title: 'It is no regular file' },
  empty: { blocks: true, title: 'It is empty (0 bytes)' },
  'over-limit': { blocks: true, title: 'It is larger than S3 takes' },
  doubtful: { blocks: true, title: 'It looks unfinished, or is not what its name says' },
  'still-changing': { blocks: true, title: 'It changed just now: plan again when it is finished' },
  unfinished: { blocks: false, title: 'Looks unfinished: see whether it plays' },
  'wrong-type': { blocks: false, title: 'Not what its name says: see what it is' },
  collision: { blocks: false, title: 'Another name differs from it only in case or accents' },
  'illegal-name': { blocks: false, title: 'Some computers refuse its name' },
  'long-name': { blocks: false, title: 'Its path is too long for some computers' },
  duplicate: { blocks: false, title: 'The same bytes as another file' },
  'not-found': { blocks: false, title: 'The mapping names it, and it is not there' },
  'left-out': { blocks: false, title: 'Left out' },
} as const satisfies Record<string, { blocks: boolean; title: string }>;
export type PlanProblemKind = keyof typeof planProblems;
export const planProblemKinds = Object.keys(planProblems) as PlanProblemKind[];

/**
 * What has to be known before the archive's own files go: the bucket has them as they are.
 *
 * @param problems Of a plan, with their numbers.
 * @param isToFree Whether files of it are still here or in quarantine: afterwards no advice helps.
 * @returns Empty where nothing speaks against a file.
 */
export function doubtsText(
  problems: readonly Readonly<{ why: PlanProblemKind; files: number }>[],
  isToFree: boolean,
): string {
  const of = (kind: PlanProblemKind) => problems.find(({ why }) => why === kind)?.files ?? 0;
  const [halves, others] = [of('unfinished'), of('wrong-type')];
  const parts = [
    halves > 0 && `${count(halves, 'file')} ${halves === 1 ? 'looks' : 'look'} unfinished`,
    others > 0 && `${count(others, 'file')} ${others === 1 ? 'is' : 'are'} not what the name says`,
  ].filter((part) => part !== false);
  if (parts.length === 0) return '';
  const advice = isToFree
    ? ' The bucket has no better copy: see what they are before you free the disk.'
    : '';
  return `When it was planned: ${parts.join(', ')}.${advice} The plan names them.`;
}

/** The first line. Paths below are below `root`, with `/`, as the file system gives them. */
const planHead = z.strictObject({
  panseaPlan: z.literal(1),
  id: z.uuid(),
  root: z.string(),
  madeAt: z.iso.datetime(),
});
export type PlanHead = z.infer<typeof planHead>;

const planProblem = z.strictObject({
  problem: z.enum(planProblemKinds),
  path: z.string(),
  detail: z.string().optional(),
});
export type PlanProblem = z.infer<typeof planProblem>;

/** One version of a file, and where it goes. */
const planFile = z.strictObject({
  path: z.string().min(1),
  sizeBytes: z.int().positive(),
  /** Nanoseconds since 1970. */
  mtimeNs: z.string().regex(/^-?\d+$/),
  to: destination,
});
export type PlanFile = z.infer<typeof planFile>;

const sums = z.record(z.string(), sum);
/** What is in it, by where it goes, by its ending (empty for none) and by the year of its last change, UTC. */
const planGroups = z.strictObject({ classes: sums, types: sums, years: sums });
export type PlanGroups = z.infer<typeof planGroups>;

/** The last line: it shows that the file is whole and as it was written. */
const planEnd = z.strictObject({
  files: z.int().min(0),
  bytes: z.int().min(0),
  problems: z.partialRecord(z.enum(planProblemKinds), z.int()),
  groups: planGroups,
  estimate,
  /** Of every byte before this line. */
  sha256: z.string(),
});
export type PlanEnd = z.infer<typeof planEnd>;

export const planLine = z.union([planFile, planProblem, planHead, planEnd]);
export type PlanLine = z.infer<typeof planLine>;
