/**
 * @file A form upload: the file goes from the request to the storage as it comes. An upload that
 * breaks off leaves no object.
 */
import busboy, { type Busboy, type FileInfo } from 'busboy';
import mime from 'mime';
import { AppError } from '#shared/errors.ts';
import { mayHandOver } from '../engine/school/school.ts';
import { badRequest, Refused } from './reply.ts';
import type { App, Call } from './call.ts';
import {
  mustWait,
  removeStored,
  storeStream,
  storeViaDisk,
  type Incoming,
  type StoredFile,
} from './incoming.ts';

const MAX_NAME_BYTES = 255;

/**
 * Takes the form's `file` to the place that its `folder` says, in either order: while the folder is not
 * known yet the file waits on the disk.
 *
 * @throws Refused for a form that cannot be used; AppError `too-large`, `empty-file`, the storage's, and as `mayHandOver`.
 */
export async function receiveUpload(app: App, call: Call): Promise<StoredFile> {
  mayHandOver(app.storage().remote.limits);
  const form = openForm(call);
  let folder: string | undefined;
  let work: Promise<StoredFile> | undefined;
  const folderKnown = Promise.withResolvers<string>();
  folderKnown.promise.catch(() => {}); // It may come to nothing before anybody waits for it.

  form.on('field', (name, value) => {
    if (name !== 'folder') return;
    if (folder !== undefined) form.destroy(badRequest('The form names the folder twice', FORM));
    folder = value;
    folderKnown.resolve(value);
  });
  form.on('file', (name, stream, info) => {
    stream.on('error', () => {}); // Whoever reads it hears of it; nobody may be reading any more.
    try {
      if (name !== 'file') throw badRequest(`The form has a file named ${name}`, FORM);
      const incoming = { stream, ...described(info) };
      work =
        folder === undefined || mustWait(app)
          ? storeViaDisk(app, incoming, folderKnown.promise, call.signal)
          : storeStream(app, incoming, folder, call.signal);
      work.catch((error: Error) => form.destroy(error));
    } catch (error) {
      form.destroy(error as Error);
    }
  });
  form.on('filesLimit', () => form.destroy(badRequest('The form has more than one file', FORM)));
  try {
    await readForm(form, call);
    if (work === undefined) throw badRequest('The form has no file', FORM);
    if (folder === undefined) throw badRequest('The form does not say the folder', FORM);
    return await work;
  } catch (error) {
    folderKnown.reject(error);
    // Its own clean-up comes first. What was stored before the form turned out bad goes, too.
    const stored = await work?.catch(() => {});
    if (stored) await removeStored(app, stored.key);
    throw error;
  }
}

const FORM = 'Send multipart/form-data with one "file" and its "folder".';

/** @throws Refused `media-type` for anything but a form with files. */
function openForm({ request }: Call): Busboy {
  const type = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*;/i.test(type))
    throw new Refused(415, 'media-type', { title: 'This is not a form with a file', remedy: FORM });
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { files: 1, fields: 8, fieldSize: 1_024, parts: 9, headerPairs: 32 },
    });
  } catch {
    throw badRequest('The form cannot be read', FORM);
  }
}

/** Ends when the form has ended and its file was taken; rejects when either side breaks off. */
function readForm(form: Busboy, { request, wantBody, signal }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => form.destroy(new AppError('offline', 'The client broke off'));
    form.once('close', resolve).once('error', (error) => {
      request.unpipe(form);
      const isOurs = error instanceof AppError || error instanceof Refused;
      reject(isOurs ? error : badRequest('The form cannot be read', FORM));
    });
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
    wantBody();
    // Not `pipeline`: it would end the connection on which the refusal is to be sent.
    request.pipe(form);
  });
}

/** @throws Refused for a name that metadata cannot carry. */
function described({ filename, mimeType }: FileInfo): Omit<Incoming, 'stream'> {
  const name = (filename || 'upload').normalize('NFC');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw badRequest('The file name is too long', `Use at most ${MAX_NAME_BYTES} bytes.`);
  return { name, contentType: mime.getType(name) ?? mimeType };
}
