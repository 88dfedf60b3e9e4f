/** @file Answers a player's requests for a preview, for the window's own scheme and for the loopback host alike. */
import { AppError } from '#shared/errors.ts';
import { PREVIEW_PATH } from '#shared/preview.ts';
import type { Preview } from './engine/library/previews.ts';
import type { ByteRange } from './engine/s3/remote.ts';

/** By its number: `undefined` when there is none, or none any more. */
export type FindPreview = (id: string) => Preview | undefined;

type PreviewAnswer = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: AsyncGenerator<Buffer, void> | undefined;
}>;

/** Whatever it is, it is shown inside the page, runs nothing, and stays nowhere. */
const headers = {
  'content-security-policy': `default-src 'none'; sandbox; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'content-disposition': 'inline',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'accept-ranges': 'bytes',
} as const;

/** @returns The number in an address; `undefined` when it is no preview's. */
export function previewIdIn(path: string): string | undefined {
  return path.startsWith(PREVIEW_PATH) ? path.slice(PREVIEW_PATH.length) : undefined;
}

/**
 * The range that was asked for, or all of it. Its body reads from the storage as fast as it is taken.
 *
 * @param request.range The header `Range`.
 * @param signal Aborted when nobody listens any more.
 */
export async function answerPreview(
  preview: Preview | undefined,
  request: Readonly<{ method: string; range: string | null | undefined }>,
  signal: AbortSignal,
): Promise<PreviewAnswer> {
  if (request.method !== 'GET') return nothing(405);
  if (preview === undefined) return nothing(404);
  const { sizeBytes, type } = preview;
  const asked = readRange(request.range ?? '', sizeBytes);
  if (asked === 'outside') return nothing(416, { 'content-range': `bytes */${sizeBytes}` });
  const { startByte, endByte } = asked ?? { startByte: 0, endByte: sizeBytes - 1 };
  const pieces = preview.read({ startByte, endByte }, signal);
  try {
    // Before anything is promised: of what cannot be read nothing is sent, and the player does not wait for it.
    const first = await pieces.next();
    return {
      status: asked ? 206 : 200,
      headers: {
        ...headers,
        'content-type': type,
        'content-length': String(endByte - startByte + 1),
        ...(asked && { 'content-range': `bytes ${startByte}-${endByte}/${sizeBytes}` }),
      },
      body: startingWith(first.value, pieces),
    };
  } catch (error) {
    return nothing(error instanceof AppError && error.code === 'no-object' ? 404 : 502);
  }
}

function nothing(status: number, also: Readonly<Record<string, string>> = {}): PreviewAnswer {
  return { status, headers: { ...headers, ...also }, body: undefined };
}

async function* startingWith(
  first: Buffer | void,
  rest: AsyncGenerator<Buffer, void>,
): AsyncGenerator<Buffer, void> {
  if (first) yield first;
  yield* rest;
}

/**
 * RFC 9110, section 14.
 *
 * @returns `undefined` for what is no single range of bytes: all of it is sent then.
 */
function readRange(header: string, sizeBytes: number): ByteRange | 'outside' | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  if (first === '') {
    const startByte = Math.max(0, sizeBytes - Number(last));
    return startByte < sizeBytes ? { startByte, endByte: sizeBytes - 1 } : 'outside';
  }
  const startByte = Number(first);
  const endByte = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (startByte >= sizeBytes) return 'outside';
  return endByte < startByte ? undefined : { startByte, endByte };
}
