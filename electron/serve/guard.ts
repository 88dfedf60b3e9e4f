/**
 * @file Who may ask. A loopback address alone keeps nobody out: any web page in this computer's browser
 * can send requests to it, and through DNS rebinding under a name of its own. So every request has to
 * name this host, come from here or from no page at all, and carry the token. Only to go to the window, as
 * the file does that opens it, one may come from anywhere: the page that leads there sees nothing of it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refused } from './reply.ts';

/** 256 bits, new at each start. */
export const newToken = (): string => randomBytes(32).toString('base64url');

export type Guard = Readonly<{
  /** @throws Refused unless the request names this host and no foreign page sent it. */
  assertFromHere: (request: IncomingMessage) => void;
  /** @throws Refused for what no picture or player of our own page asks: they cannot send the token. */
  assertShown: (request: IncomingMessage) => void;
  /** @throws Refused without the token in its header. A token in the address counts for nothing. */
  assertToken: (request: IncomingMessage) => void;
}>;

/** What a page shows inside itself: under an invisible window a person would press what they do not see. */
const frames: ReadonlySet<unknown> = new Set(['iframe', 'frame', 'fencedframe', 'embed', 'object']);

/** What shows something, and runs nothing of it. */
const players: ReadonlySet<unknown> = new Set(['audio', 'video', 'image']);

export function createGuard(token: string, port: number): Guard {
  const hosts = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port}`);
  const origins = new Set(hosts.map((host) => `http://${host}`));
  const sites = new Set([undefined, 'same-origin', 'none']);
  const digest = digestOf(`Bearer ${token}`);

  return {
    assertFromHere({ method, headers, headersDistinct }) {
      const [host = '', ...more] = headersDistinct['host'] ?? [];
      if (!hosts.includes(host.toLowerCase()) || more.length > 0)
        throw refusal('This address is not served here', `Use http://127.0.0.1:${port}.`);
      const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
      const dest = headers['sec-fetch-dest'];
      if (frames.has(dest))
        throw refusal('No page may show this inside itself', 'Nothing was done.');
      const isForeign = origin !== undefined && !origins.has(origin.toLowerCase());
      // It carries no header of ours, so it reaches nothing that wants the token.
      const isVisit = method === 'GET' && mode === 'navigate' && dest === 'document';
      if (isForeign || !(isVisit || sites.has(typeof site === 'string' ? site : undefined)))
        throw refusal('Requests from other web pages are refused', 'Nothing was done.');
    },
    assertShown({ headers: { 'sec-fetch-site': site, 'sec-fetch-dest': dest } }) {
      if (site !== 'same-origin' || !players.has(dest))
        throw refusal('Only the window itself shows this', 'Nothing was done.');
    },
    assertToken({ headersDistinct }) {
      const given = headersDistinct['authorization'] ?? [];
      if (given.length !== 1 || !timingSafeEqual(digestOf(given[0]!), digest))
        throw refusal(
          'This request carries no valid token',
          'Send the header "Authorization: Bearer TOKEN" with the token that was printed at the start.',
        );
    },
  };
}

/** Both sides have the same length then, as `timingSafeEqual` wants them. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refusal(title: string, remedy: string): Refused {
  return new Refused(403, 'forbidden', { title, remedy });
}
