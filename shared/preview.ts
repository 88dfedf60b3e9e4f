/** @file What of the storage a window may show. Nothing in this list can hold a script: no HTML, no SVG, no PDF. */

export type Shown = Readonly<{ kind: 'audio' | 'video' | 'image'; type: string }>;

type Row = readonly [Shown['kind'], type: string, extensions: string, alsoCalled?: string];

/** Formats of which Chromium plays or draws at least some; the page says so where one of them cannot be. */
const rows: readonly Row[] = [
  ['audio', 'audio/mpeg', 'mp3 mpga', 'audio/mp3'],
  ['audio', 'audio/mp4', 'm4a m4b', 'audio/x-m4a'],
  ['audio', 'audio/aac', 'aac', 'audio/x-aac'],
  ['audio', 'audio/wav', 'wav', 'audio/x-wav audio/wave audio/vnd.wave'],
  ['audio', 'audio/flac', 'flac', 'audio/x-flac'],
  ['audio', 'audio/ogg', 'ogg oga opus'],
  ['audio', 'audio/webm', 'weba'],
  // QuickTime's container is the one that MP4 was made of.
  ['video', 'video/mp4', 'mp4 m4v mov', 'video/x-m4v video/quicktime'],
  ['video', 'video/webm', 'webm mkv', 'video/x-matroska'],
  ['video', 'video/ogg', 'ogv'],
  ['image', 'image/jpeg', 'jpg jpeg', 'image/jpg'],
  ['image', 'image/png', 'png'],
  ['image', 'image/gif', 'gif'],
  ['image', 'image/webp', 'webp'],
  ['image', 'image/avif', 'avif'],
  ['image', 'image/bmp', 'bmp'],
];

const shown = new Map<string, Shown>(
  rows.flatMap(([kind, type, extensions, alsoCalled = '']) =>
    `${type} ${alsoCalled} ${extensions}`
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => [word, { kind, type }] as const),
  ),
);

/**
 * How an object is shown: by its file's name, else by its key, else by the type that it was stored with. Of a type
 * that is not in the list there is nothing to be shown, whatever it is.
 */
export function shownAs(
  object: Readonly<{
    key: string;
    sizeBytes: number;
    contentType?: string | null | undefined;
    metadata: Readonly<Record<string, string>>;
  }>,
): Shown | undefined {
  const { key, sizeBytes, contentType, metadata } = object;
  if (sizeBytes === 0) return undefined;
  const [type = ''] = (contentType ?? '').toLowerCase().split(';', 1);
  const words = [extensionOf(metadata['original_filename'] ?? ''), extensionOf(key), type.trim()];
  return words.map((word) => shown.get(word)).find((found) => found !== undefined);
}

function extensionOf(name: string): string {
  const [, extension = ''] = /\.([A-Za-z0-9]{1,10})$/.exec(name) ?? [];
  return extension.toLowerCase();
}

/** Before the number of a preview, in the page's own address. */
export const PREVIEW_PATH = '/preview/';
