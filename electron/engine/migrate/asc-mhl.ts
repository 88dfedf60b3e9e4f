/**
 * @file ASC MHL 2.0: a folder `ascmhl` with a list (a manifest, the first generation) and the chain that
 * proves it. Elements and names as in https://github.com/ascmitc/mhl, xsd/ASCMHL.xsd and xsd/ASCMHLDirectory.xsd.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncFolder, writeNewFile } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';
import { temporaryEndings } from '../watch/selector.ts';
import type { FolderHash, HashedFiles } from '../store/hashed-files.ts';
import { hashFolders } from './folder-hashes.ts';
import { date, type ListHead } from './mhl.ts';
import { sayable, xmlText } from './xml.ts';

/** What a scan never takes, in the words of .gitignore, which this format has for what is not in the list. */
const NEVER_LISTED = [
  'ascmhl',
  'ascmhl/',
  '.*',
  '~$*',
  '*~',
  ...temporaryEndings.map((ending) => `*.${ending}`),
];

/**
 * Writes a new folder.
 *
 * @throws AppError `download-exists` when there is one of that name · `cannot-write`
 */
export async function writeAscMhl(head: ListHead, list: HashedFiles, out: string): Promise<void> {
  const temporary = `${out}.${process.pid}.part`;
  try {
    await mkdir(temporary);
    const folder = sayable(basename(head.plan.root), '_');
    const name = `0001_${folder}_${fileDate(head.endedAtMs)}.mhl`;
    const root = await hashFolders(list, () => head.make(head.hash));
    await writeNewFile(join(temporary, name), manifestOf(head, list, root));
    await writeNewFile(
      join(temporary, 'ascmhl_chain.xml'),
      chainOf(name, await c4(join(temporary, name))),
    );
    await assertFree(out);
    await rename(temporary, out);
    syncFolder(dirname(out));
  } catch (error) {
    throw toWriteError(error, out);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A rename would take the place of an empty folder. */
async function assertFree(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined) throw Object.assign(new Error(`${path} exists`), { code: 'EEXIST' });
}

function* manifestOf(head: ListHead, list: HashedFiles, root: FolderHash): Generator<string> {
  const { plan, hash, version, endedAtMs } = head;
  const attributes = `hashdate="${date(endedAtMs)}"`;
  const value = (text: string) => `<${hash} ${attributes}>${text}</${hash}>`;
  const folder = ({ content, structure }: FolderHash) =>
    `<content>${value(content)}</content><structure>${value(structure)}</structure>`;
  yield `<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo>
    <creationdate>${date(endedAtMs)}</creationdate>
    <hostname>${xmlText(hostname())}</hostname>
    <tool version="${xmlText(version)}">Pan-Sea Sync</tool>
    <comment>Verified in the bucket by plan ${plan.id}</comment>
  </creatorinfo>
  <processinfo>
    <process>in-place</process>
    <roothash>${folder(root)}</roothash>
    <ignore>
`;
  for (const pattern of NEVER_LISTED) yield `      <pattern>${pattern}</pattern>\n`;
  for (const { path } of list.unlisted()) yield `      <pattern>${ignored(path)}</pattern>\n`;
  yield '    </ignore>\n  </processinfo>\n  <hashes>\n';
  for (const file of list.files()) {
    const modified = date(Number(BigInt(file.mtimeNs) / 1_000_000n));
    yield `    <hash>
      <path size="${file.sizeBytes}" lastmodificationdate="${modified}">${xmlText(file.path)}</path>
      <${hash} action="original" hashdate="${date(file.hashedAtMs)}">${file.hash}</${hash}>
    </hash>
`;
  }
  for (const { path, ...hashes } of list.folders())
    yield `    <directoryhash><path>${xmlText(path)}</path>${folder(hashes)}</directoryhash>\n`;
  yield '  </hashes>\n</hashlist>\n';
}

/** One path as a pattern of .gitignore, where `?` stands for any character. */
function ignored(path: string): string {
  const pattern = path.replaceAll(/[\\*?[\]!# ]/g, String.raw`\$&`);
  return xmlText(`**/${sayable(pattern, '?')}`);
}

function* chainOf(name: string, hash: string): Generator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>
<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
  <hashlist sequencenr="1">
    <path>${xmlText(name)}</path>
    <c4>${hash}</c4>
  </hashlist>
</ascmhldirectory>
`;
}

/** As names of lists have it: 2020-01-16_091500Z. */
function fileDate(ms: number): string {
  return date(ms).replace('T', '_').replaceAll(':', '');
}

async function c4(file: string): Promise<string> {
  const sha512 = createHash('sha512');
  await pipeline(createReadStream(file), sha512);
  return c4Of(sha512.digest('hex'));
}

const C4_DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const C4_LENGTH = 88;

/** SMPTE ST 2114: a SHA-512 to the base of 58, behind `c4`. */
export function c4Of(sha512: string): string {
  let text = '';
  for (let rest = BigInt(`0x${sha512}`); rest > 0n; rest /= 58n)
    text = C4_DIGITS[Number(rest % 58n)]! + text;
  return `c4${text.padStart(C4_LENGTH, C4_DIGITS[0])}`;
}
