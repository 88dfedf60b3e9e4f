import type { Folder } from '../store/folders.ts';

/** An archive as `scanFolder` takes it: files of every kind, since a line of the mapping says what each is. */
export function everything(root: string): Folder {
  const rule: Folder['rule'] = { kind: 'uploads', userId: 'any', include: [], exclude: [] };
  return { id: 0, path: root, rule, addedAtMs: 0 };
}
