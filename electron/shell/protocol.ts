/** @file The files of the page, served as `app://pansea/…`, and nothing else of this computer. */
import { openPage, pageHeaders } from '../page.ts';
import { APP_HOST, APP_SCHEME } from './pages.ts';

/** What Electron has to know of the scheme before it is ready. */
export const appScheme = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true },
};

/**
 * A handler for `protocol.handle`. Whatever is not a file of the page is answered with 404.
 *
 * @param folder The built page.
 */
export function servePage(
  folder: string,
): (request: Readonly<{ url: string; method: string }>) => Promise<Response> {
  const page = openPage(folder);
  return async ({ url, method }) => {
    if (method !== 'GET') return answer(405);
    if (!URL.canParse(url)) return answer(404);
    const { protocol, host, pathname } = new URL(url);
    if (protocol !== `${APP_SCHEME}:` || host !== APP_HOST) return answer(404);
    const file = await page(pathname);
    if (file === undefined) return answer(404);
    const body = new Uint8Array(file.bytes);
    return new Response(body, { headers: { ...pageHeaders, 'content-type': file.type } });
  };
}

function answer(status: number): Response {
  return new Response(null, { status, headers: pageHeaders });
}
