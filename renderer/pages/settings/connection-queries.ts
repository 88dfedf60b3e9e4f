/** First parts of the query keys that another connection changes. */
export const changedBySaving = [
  'connection',
  'sign-in',
  'storage-facts',
  'status',
  'jobs',
  'owners',
  'objects',
  'names',
  'cost',
  'cost-kept',
  'folders',
] as const;
