/**
 * @file What sort of file the first bytes make, held against what the name says. Only what is certain
 * speaks against a file: sound and pictures under a wrong ending are a recording all the same, and bytes
 * that nobody knows may be one.
 */
import type { Hold } from '#shared/job.ts';
import type { Limits } from '#shared/limits.ts';
import { keyExtension } from '#shared/recording.ts';
import { isMedia } from './media.ts';

/** As many bytes as are asked for. */
export const HEAD_BYTES = 1_024;

type Family = 'program' | 'page' | 'pdf' | 'archive' | 'document' | 'picture' | 'data';
type Sort = Readonly<{ what: string; family: Family; is: (head: Buffer, text: string) => boolean }>;

const begins =
  (...marks: string[]) =>
  (_: Buffer, text: string): boolean =>
    marks.some((mark) => text.startsWith(mark));
const matches =
  (pattern: RegExp) =>
  (_: Buffer, text: string): boolean =>
    pattern.test(text);

/** What is no recording, whatever its name. Each mark has at least three bytes: noise must not look like one. */
const foreign: readonly Sort[] = [
  {
    what: 'a program for Windows',
    family: 'program',
    // The bytes of the last of its blocks of 512 (the DOS header), so that two letters alone do not do.
    is: (head, text) => text.startsWith('MZ') && head.length > 64 && head.readUInt16LE(2) < 512,
  },
  { what: 'a program for Linux', family: 'program', is: begins('\x7fELF') },
  {
    what: 'a program',
    family: 'program',
    is: begins(
      '\xfe\xed\xfa\xce',
      '\xfe\xed\xfa\xcf',
      '\xce\xfa\xed\xfe',
      '\xcf\xfa\xed\xfe',
      '\xca\xfe\xba\xbe',
    ),
  },
  // Not `#!AMR`, which is sound (RFC 4867, 5).
  { what: 'a script', family: 'program', is: matches(/^(?:\xef\xbb\xbf)?#! ?\//) },
  { what: 'a shortcut', family: 'program', is: begins('L\0\0\0\x01\x14\x02\0') },
  {
    what: 'a web page',
    family: 'page',
    is: matches(/^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|script|meta|title)\b/i),
  },
  {
    what: 'a text for programs',
    family: 'data',
    is: matches(/^(?:\xef\xbb\xbf)?\s*(?:<\?xml\s|\{\s*"[\w.@-]{1,40}"\s*:)/),
  },
  { what: 'a PDF document', family: 'pdf', is: begins('%PDF-') },
  {
    what: 'a ZIP archive or an Office document',
    family: 'archive',
    is: begins('PK\x03\x04', 'PK\x05\x06'),
  },
  {
    what: 'an archive',
    family: 'archive',
    is: begins('Rar!\x1a\x07', '7z\xbc\xaf\x27\x1c', '\x1f\x8b\x08', '\xfd7zXZ\0'),
  },
  {
    what: 'an Office document',
    family: 'document',
    is: begins('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', '{\\rtf'),
  },
  {
    what: 'a picture',
    family: 'picture',
    is: begins('\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF87a', 'GIF89a'),
  },
];

/** What the bytes may be under an ending that people open without a thought. Others may be anything. */
const expected: readonly (readonly [endings: RegExp, families: readonly Family[]])[] = [
  [/^\.pdf$/, ['pdf']],
  [/^\.(?:jpe?g|png|gif|webp|bmp|tiff?|heic)$/, ['picture']],
  [
    /^\.(?:docx?|xlsx?|pptx?|od[tsp]|rtf|pages|numbers|key|epub)$/,
    ['archive', 'document', 'page', 'data'],
  ],
  [/^\.(?:txt|md|csv|tsv|srt|vtt|log)$/, ['page', 'data']],
];

/** Recordings by their first bytes, for folders that take some types only. */
const recordings: readonly Readonly<{
  what: string;
  endings: readonly string[];
  is: (head: Buffer, text: string) => boolean;
}>[] = [
  {
    what: 'an MP4 or QuickTime file',
    endings: 'mp4 m4a m4b m4v mov qt 3gp 3g2 f4v f4a heic'.split(' '),
    is: (_, text) => text.startsWith('ftyp', 4),
  },
  {
    what: 'Matroska or WebM',
    endings: 'mkv mka mk3d webm weba'.split(' '),
    is: begins('\x1a\x45\xdf\xa3'),
  },
  {
    what: 'a WAV file',
    endings: 'wav wave bwf rf64'.split(' '),
    is: matches(/^R(?:IFF|F64)....WAVE/s),
  },
  { what: 'an AVI file', endings: ['avi', 'divx'], is: matches(/^RIFF....AVI /s) },
  { what: 'FLAC', endings: ['flac'], is: begins('fLaC') },
  { what: 'an Ogg file', endings: 'ogg oga ogv ogx opus spx'.split(' '), is: begins('OggS') },
  { what: 'an AIFF file', endings: 'aif aiff aifc'.split(' '), is: matches(/^FORM....AIF[FC]/s) },
  {
    what: 'a Windows Media file',
    endings: 'wma wmv asf'.split(' '),
    is: begins('\x30\x26\xb2\x75\x8e\x66\xcf\x11'),
  },
];

/**
 * What speaks against taking a file for what its name says.
 *
 * @param head The first bytes, `HEAD_BYTES` of them where there are so many.
 */
export function contradiction(name: string, head: Buffer, limit: Limits = {}): Hold | undefined {
  const text = head.toString('latin1');
  const ending = keyExtension(name);
  const keep = (what: string): Hold => ({
    reason: 'wrong-type',
    detail: `It begins like ${what}; its name says ${ending || 'nothing'}`,
  });
  const found = foreign.find(({ is }) => is(head, text));
  if (found && !mayBe(name, ending, found.family)) return keep(found.what);
  const { types = [] } = limit;
  if (found || types.length === 0) return undefined;
  const recording = recordings.find(({ is }) => is(head, text));
  const isOther = recording && !recording.endings.includes(ending.slice(1));
  return isOther && !recording.endings.some((type) => types.includes(type))
    ? keep(recording.what)
    : undefined;
}

function mayBe(name: string, ending: string, family: Family): boolean {
  if (isMedia(name)) return family === 'picture' && /^\.(?:mjpe?g|jpgv|jpgm)$/.test(ending);
  const known = expected.find(([endings]) => endings.test(ending));
  return known === undefined || known[1].includes(family);
}
