/** @file The backend's REST routes, each by the same functions as the app and the command line. */
import { ledgerOf } from '../engine/library/bring-back.ts';
import { listObjects } from '../engine/library/browse.ts';
import { listed, mustLook, objectFacts, removeObject } from '../engine/library/objects.ts';
import { createLink } from '../engine/library/share.ts';
import { findObject } from '../engine/s3/find.ts';
import { jobStore } from '../engine/store/jobs.ts';
import { linkStore } from '../engine/store/links.ts';
import { objectIndex } from '../engine/store/objects.ts';
import { readKey, readWhole } from './address.ts';
import type { App, Call } from './call.ts';
import { badRequest, Refused, type Answer } from './reply.ts';
import { receiveUpload } from './upload.ts';

type Handler = (app: App, call: Call) => Promise<Answer>;
type KeyHandler = (app: App, key: string, call: Call) => Promise<Answer>;

const DEFAULT_KEYS = 1_000;
const MAX_KEYS = 100_000;
/** A year: what is longer than S3 allows is cut, and the answer says so. */
const MAX_ASKED_SECONDS = 31_536_000;

/** What there is. */
const routeLines = [
  'POST   /api/v1/s3/upload                     form: file, folder',
  'GET    /api/v1/s3/files                      ?prefix=&max_keys=',
  'GET    /api/v1/s3/file/{s3_key}/url          ?expires_in=&mode=watch|download',
  'GET    /api/v1/s3/file/{s3_key}/metadata',
  'GET    /api/v1/s3/file/{s3_key}/exists',
  'DELETE /api/v1/s3/file/{s3_key}',
] as const;

/** @throws Refused for an address or a method that there is not. */
export function answer(app: App, call: Call): Promise<Answer> {
  const { path, escapedKey } = call.address;
  const method = call.request.method ?? '';
  if (path === '/api/v1/s3/upload') return only('POST', method, upload)(app, call);
  if (path === '/api/v1/s3/files') return only('GET', method, files)(app, call);
  if (escapedKey === undefined) throw noRoute();
  if (method === 'DELETE') return remove(app, readKey(escapedKey), call);
  if (method !== 'GET') throw wrongMethod('GET and DELETE');
  const slash = escapedKey.lastIndexOf('/');
  const about = keyRoutes.get(escapedKey.slice(slash + 1));
  if (slash < 0 || about === undefined) throw noRoute();
  return about(app, readKey(escapedKey.slice(0, slash)), call);
}

const upload: Handler = async (app, call) => {
  const stored = await receiveUpload(app, call);
  return { status: 201, body: stored };
};

const files: Handler = async (app, { address: { query }, signal }) => {
  const { remote, database } = app.storage();
  const maxKeys = readWhole(query, 'max_keys', { fallback: DEFAULT_KEYS, max: MAX_KEYS });
  const index = objectIndex(database);
  const page = await listObjects(remote, query.get('prefix') ?? '', maxKeys, signal);
  const objects = page.objects.map((object) => listed(object, index.nameOf(object.key)));
  return { status: 200, body: { objects, truncated: page.truncated } };
};

const url: KeyHandler = async (app, key, { address: { query }, signal }) => {
  const { remote, database } = app.storage();
  const { nowMs } = app;
  const expiresInSeconds = query.has('expires_in')
    ? readWhole(query, 'expires_in', { fallback: MAX_ASKED_SECONDS, max: MAX_ASKED_SECONDS })
    : undefined;
  const mode = query.get('mode') ?? 'download';
  if (mode !== 'watch' && mode !== 'download')
    throw badRequest('mode is not valid', 'Use watch or download.');
  const made = await createLink(
    { remote, links: linkStore(database), nowMs },
    { key, expiresInSeconds, mode },
    signal,
  );
  const { url: address, because } = made;
  const { expiresAtMs, mayEndSooner } = made.link;
  const expiresAt = new Date(expiresAtMs).toISOString();
  return {
    status: 200,
    body: { url: address, expiresAt, expiresBecause: because, mayEndSooner },
  };
};

const metadata: KeyHandler = async (app, key, { signal }) => {
  const info = await mustLook(app.storage().remote, key, signal);
  return { status: 200, body: objectFacts(info) };
};

const exists: KeyHandler = async (app, key, { signal }) => {
  const info = await findObject(app.storage().remote, key, signal);
  return { status: 200, body: { exists: info !== undefined } };
};

/**
 * As the backend's: at once. Its links are dead from then on, and the index forgets it. A client that goes
 * meanwhile changes nothing: what was asked for is done, and noted.
 */
const remove: KeyHandler = async (app, key, { signal }) => {
  const { remote, database, queue, deletions } = app.storage();
  const jobs = jobStore(database, app.nowMs);
  const ledger = { queue, ...ledgerOf(database, jobs, app.nowMs) };
  const { recoverable } = await deletions.run((ending) => {
    signal.throwIfAborted();
    return removeObject(remote, ledger, key, app.nowMs(), ending);
  });
  return { status: 200, body: { deleted: [key], recoverable } };
};

const keyRoutes = new Map<string, KeyHandler>([
  ['url', url],
  ['metadata', metadata],
  ['exists', exists],
]);

function only(wanted: string, method: string, handler: Handler): Handler {
  if (method !== wanted) throw wrongMethod(wanted);
  return handler;
}

function wrongMethod(allowed: string): Refused {
  return new Refused(405, 'method', {
    title: 'This method is not possible here',
    remedy: `Use ${allowed}.`,
  });
}

function noRoute(): Refused {
  return new Refused(404, 'no-route', {
    title: 'There is nothing at this address',
    remedy: `There is: ${routeLines.map((line) => line.replaceAll(/ +/g, ' ')).join(' · ')}`,
  });
}
