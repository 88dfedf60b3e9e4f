/** @file The files of the built page, for the window's own scheme and for the loopback host alike. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const types: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.woff2', 'font/woff2'],
]);

const policy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self' data:`,
  `font-src 'self'`,
  `media-src 'self'`,
  `connect-src 'self'`,
  `object-src 'none'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
  `form-action 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types 'none'`,
].join('; ');

/** On every answer to the page. */
export const pageHeaders = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

export type PageFile = Readonly<{ bytes: Uint8Array; type: string }>;

/**
 * Reads files of the built page by their path in an address, such as `/assets/index.js`.
 *
 * @param folder Links inside it that lead out of it are not followed.
 * @returns `undefined` for whatever is not a file of the page.
 */
export function openPage(folder: string): (path: string) => Promise<PageFile | undefined> {
  const root = realpath(folder);
  root.catch(() => {}); // Without a page each request is told so below.
  return async (path) => {
    const name = fileName(path);
    const type = name === undefined ? undefined : types.get(extname(name));
    if (name === undefined || type === undefined) return undefined;
    try {
      const file = await realpath(join(folder, name));
      if (!file.startsWith((await root) + sep)) return undefined;
      return { bytes: new Uint8Array(await readFile(file)), type };
    } catch {
      return undefined;
    }
  };
}

/** The path inside the folder, decoded once; `undefined` for what no file of ours can be called. */
function fileName(address: string): string | undefined {
  try {
    const path = decodeURIComponent(address).slice(1);
    const isPlain = path.split('/').every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part));
    return isPlain ? path : undefined;
  } catch {
    return undefined; // A lone % sign.
  }
}
