/**
 * @file Media Hash List 1.1: one XML file. The order of its elements is that of MediaHashList_v1_1.xsd.
 * https://mediahashlist.org/mhl-specification/
 */
import { hostname } from 'node:os';
import { accountName } from '../defaults.ts';
import type { HashKind } from '#shared/migration/migration.ts';
import { writeNewFile } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';
import type { HashedFiles } from '../store/hashed-files.ts';
import type { Plan } from '../store/plans.ts';
import type { MakeHasher } from './hashers.ts';
import { xmlText } from './xml.ts';

/** What stands in a list beside the files. */
export type ListHead = Readonly<{
  plan: Plan;
  hash: HashKind;
  make: MakeHasher;
  version: string;
  beganAtMs: number;
  endedAtMs: number;
}>;

/** `xxhash64` is the same number the wrong way round, and deprecated. */
const elements: Record<HashKind, string> = { xxh64: 'xxhash64be', md5: 'md5', sha1: 'sha1' };

/** @throws AppError `download-exists` · `cannot-write` */
export async function writeMhl(head: ListHead, list: HashedFiles, out: string): Promise<void> {
  try {
    await writeNewFile(out, textOf(head, list));
  } catch (error) {
    throw toWriteError(error, out);
  }
}

function* textOf(head: ListHead, list: HashedFiles): Generator<string> {
  const { hash, version, beganAtMs, endedAtMs } = head;
  const name = elements[hash];
  yield `<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="1.1">
  <creatorinfo>
    <username>${xmlText(accountName())}</username>
    <hostname>${xmlText(hostname())}</hostname>
    <tool>Pan-Sea Sync ${xmlText(version)}</tool>
    <startdate>${date(beganAtMs)}</startdate>
    <finishdate>${date(endedAtMs)}</finishdate>
  </creatorinfo>
`;
  for (const file of list.files())
    yield `  <hash>
    <file>${xmlText(file.path)}</file>
    <size>${file.sizeBytes}</size>
    <lastmodificationdate>${date(Number(BigInt(file.mtimeNs) / 1_000_000n))}</lastmodificationdate>
    <${name}>${file.hash}</${name}>
    <hashdate>${date(file.hashedAtMs)}</hashdate>
  </hash>
`;
  yield '</hashlist>\n';
}

/** In whole seconds, UTC: readers of these lists take nothing else alike. */
export function date(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
