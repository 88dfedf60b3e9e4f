/** @file The files of the page and what it previews, as `app://pansea/…`, and nothing else of this computer. */
import { openPage, pageHeaders } from '../page.ts';
import { answerPreview, previewIdIn, type FindPreview } from '../preview.ts';
import { APP_HOST, APP_SCHEME } from './pages.ts';

type PageRequest = Pick<Request, 'url' | 'method' | 'headers'>;

/** What Electron has to know of the scheme before it is ready. */
export const appScheme = {
  scheme: APP_SCHEME,
  // As a stream: a player would wait for all of a recording, and could not jump within it.
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
};

/**
 * A handler for `protocol.handle`. Whatever is not a file of the page is answered with 404.
 *
 * @param folder The built page.
 */
export function servePage(
  folder: string,
  findPreview: FindPreview,
): (request: PageRequest) => Promise<Response> {
  const page = openPage(folder);
  return async (request) => {
    const { url, method } = request;
    if (method !== 'GET') return answer(405);
    if (!URL.canParse(url)) return answer(404);
    const { protocol, host, pathname } = new URL(url);
    if (protocol !== `${APP_SCHEME}:` || host !== APP_HOST) return answer(404);
    const previewId = previewIdIn(pathname);
    if (previewId !== undefined) return sendPreview(findPreview(previewId), request);
    const file = await page(pathname);
    if (file === undefined) return answer(404);
    const body = new Uint8Array(file.bytes);
    return new Response(body, { headers: { ...pageHeaders, 'content-type': file.type } });
  };
}

async function sendPreview(
  preview: ReturnType<FindPreview>,
  { method, headers }: PageRequest,
): Promise<Response> {
  const gone = new AbortController();
  const asked = { method, range: headers.get('range') };
  const { status, headers: sent, body } = await answerPreview(preview, asked, gone.signal);
  return new Response(body && streamOf(body, gone), { status, headers: sent });
}

/** Takes a piece when Chromium wants one and not before; ends the reading when nobody wants any more. */
function streamOf(body: AsyncIterator<Buffer, void>, gone: AbortController): ReadableStream {
  return new ReadableStream(
    {
      async pull(stream) {
        const { done, value } = await body.next();
        if (done) stream.close();
        else stream.enqueue(new Uint8Array(value));
      },
      cancel: (why) => gone.abort(why),
    },
    { highWaterMark: 0 },
  );
}

function answer(status: number): Response {
  return new Response(null, { status, headers: pageHeaders });
}
