import type { Bytes } from './bytes.ts';
import { complete, unfinished, unknown, type Verdict } from './verdict.ts';

type Box = Readonly<{ type: string; start: number; end: number }>;

/** What stands at the top of such files (ISO/IEC 14496-12, QuickTime File Format). Others may follow the end as padding. */
const known: ReadonlySet<string> = new Set(
  'ftyp moov mdat moof mfra free skip wide sidx styp udta meta uuid pnot pdin emsg prft'.split(' '),
);
/** As much of the index as is searched for what is in it. */
const INDEX_BYTES = 65_536;
/** These write `mfra` last, so that a file of theirs without it was not closed: ffmpeg (and with it OBS), OBS's own. */
const closers = ['Lavf', 'OBS'];

/** MP4, MOV, M4A, 3GP. Without `moov` no player can read it, and recorders write that last. */
export async function judgeMp4(bytes: Bytes): Promise<Verdict> {
  const { sizeBytes } = bytes;
  let hasIndex = false;
  let isForeign = false;
  for (let offset = 0; offset < sizeBytes;) {
    const box = await boxAt(bytes, offset);
    // Cameras fill up their files, and taggers add to them: what follows the index does not matter.
    if (box === undefined || (!known.has(box.type) && box.end > sizeBytes)) break;
    if (box.end > sizeBytes) return unfinished('cut-short');
    if (box.type === 'moov') {
      hasIndex = true;
      const index = (await bytes.read(offset, Math.min(INDEX_BYTES, box.end - offset))).toString(
        'latin1',
      );
      if (index.includes('mvex')) {
        if (await endsWithIndex(bytes)) return complete;
        if (closers.some((name) => index.includes(name))) return unfinished('not-closed');
      }
    }
    // A piece of a stream has its index in another file, and a picture (HEIF) has `meta` instead.
    if (!hasIndex && ['styp', 'sidx', 'moof', 'meta'].includes(box.type)) isForeign = true;
    offset = box.end;
  }
  if (hasIndex) return complete;
  return isForeign ? unknown : unfinished('no-index');
}

/** @returns `undefined` for what cannot be the head of a box. */
async function boxAt(bytes: Bytes, start: number): Promise<Box | undefined> {
  const head = await bytes.read(start, 16);
  if (head.length < 8) return undefined;
  const type = head.toString('latin1', 4, 8);
  if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return undefined;
  const size = head.readUInt32BE(0);
  if (size === 0) return { type, start, end: bytes.sizeBytes };
  if (size !== 1) return size < 8 ? undefined : { type, start, end: start + size };
  if (head.length < 16) return { type, start, end: Infinity };
  const long = Number(head.readBigUInt64BE(8)); // Beyond 2^53 the end is beyond every file's.
  return long < 16 ? undefined : { type, start, end: start + long };
}

/** Whether the file ends with `mfra`, whose last box is `mfro`: 16 bytes that repeat its size. */
async function endsWithIndex({ sizeBytes, read }: Bytes): Promise<boolean> {
  const tail = await read(Math.max(0, sizeBytes - 16), 16);
  if (tail.length < 16 || tail.toString('latin1', 4, 8) !== 'mfro') return false;
  const index = await read(sizeBytes - tail.readUInt32BE(12), 8);
  return index.toString('latin1', 4, 8) === 'mfra';
}

/** The first box of a file of this family. */
export function isMp4(head: Buffer): boolean {
  const type = head.toString('latin1', 4, 8);
  const size = head.readUInt32BE(0);
  if (type === 'ftyp' || type === 'styp') return size >= 8 && size < 4_096;
  return ['moov', 'mdat', 'wide', 'pnot'].includes(type);
}
