/** First parts of the query keys that another connection changes. */
export const changedBySaving = [
  'connection',
  'sign-in',
  'status',
  'jobs',
  'owners',
  'objects',
  'folders',
] as const;
