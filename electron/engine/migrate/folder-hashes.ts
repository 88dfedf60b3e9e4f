/**
 * @file Hashes of whole folders as ASC MHL has them: `content`, the hash of the sorted contents' hashes;
 * `structure`, the same of hashes over a name and what has it.
 */
import { basename, dirname } from 'node:path/posix';
import type { FolderHash, HashedFiles } from '../store/hashed-files.ts';
import { inSlices } from '../pauses.ts';
import type { MakeHasher } from './hashers.ts';

type Make = () => ReturnType<MakeHasher>;

/**
 * Adds the hash of each folder to the list.
 *
 * @returns That of all of it.
 */
export async function hashFolders(list: HashedFiles, make: Make): Promise<FolderHash> {
  const open = ['.'];
  const close = (): FolderHash => {
    const path = open.pop()!;
    const hash = (what: keyof FolderHash) => hashOf(make, list.children(path, what));
    const hashes = { content: hash('content'), structure: hash('structure') };
    list.forgetChildren(path);
    if (path === '.') return hashes;
    list.addFolder({ path, ...hashes });
    addTo(list, make, path, hashes);
    return hashes;
  };
  for await (const { path, hash } of inSlices(list.files())) {
    const folder = dirname(path);
    // What is in one folder comes together: it is full when something outside it comes.
    while (!isIn(folder, open.at(-1)!)) close();
    const between: string[] = [];
    for (let up = folder; up !== open.at(-1); up = dirname(up)) between.push(up);
    open.push(...between.toReversed());
    addTo(list, make, path, { content: hash, structure: hash });
  }
  while (open.length > 1) close();
  return close();
}

function isIn(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

function addTo(list: HashedFiles, make: Make, path: string, hashes: FolderHash): void {
  const hasher = make();
  hasher.update(Buffer.from(basename(path)));
  hasher.update(Buffer.from(hashes.structure, 'hex'));
  list.addChild(dirname(path), { content: hashes.content, structure: hasher.digest() });
}

function hashOf(make: Make, hashes: Iterable<string>): string {
  const hasher = make();
  for (const hash of hashes) hasher.update(Buffer.from(hash, 'hex'));
  return hasher.digest();
}
