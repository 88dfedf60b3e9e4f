import { count, formatNumber } from './format.ts';

export type RecoveryFacts = Readonly<{
  /** `damaged`, `lost`: the list was made anew. `older`: a former state of it came back. */
  reason: 'damaged' | 'lost' | 'older';
  /** Recordings that were taken over from the damaged list, and how many of them were proven again. */
  jobs: number;
  proven: number;
  /** Of those taken over, how many are still to be looked at. */
  pending: number;
  /** Recordings that the bucket had already. */
  adopted: number;
  /** The bucket was asked what it has. */
  isListed: boolean;
}>;

/** What happened to the list of recordings, in words; `undefined` when there is nothing that anybody needs to know. */
export function recoveryText(facts: RecoveryFacts): string | undefined {
  const { reason, jobs, proven, pending, adopted, isListed } = facts;
  const isDone = isListed && pending === 0;
  if (reason === 'older')
    return adopted === 0
      ? undefined
      : `The list of recordings was older than the storage. Recovered ${count(adopted, 'upload')} from it, nothing was sent twice.`;
  const happened = reason === 'damaged' ? 'was damaged' : 'was missing';
  if (!isDone)
    return [
      `The list of recordings ${happened} and is being rebuilt.`,
      jobs > 0 && `${formatNumber(proven)} of ${count(jobs, 'file')} looked at again so far.`,
      !isListed && 'Nothing is sent before the storage has said what it holds.',
      'Nothing is deleted.',
    ]
      .filter(Boolean)
      .join(' ');
  const looked = proven + adopted;
  const result =
    looked === 0
      ? 'Nothing was deleted.'
      : `${count(looked, 'file')} looked at again, nothing deleted.`;
  return `The list of recordings ${happened} and has been rebuilt. ${result}`;
}
