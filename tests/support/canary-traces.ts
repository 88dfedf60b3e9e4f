/**
 * @file Looks for the tests' keys where none may ever be: in what a test or the product has written, said or shown.
 * In files the access key's id counts as well; what is said may hold a link, whose address names its signer.
 */
import { unzipSync } from 'fflate';
import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { canaryIds, canarySecrets } from './canary.ts';

/** Searched to the end; of larger ones, which are recordings, the beginning. */
const MAX_BYTES = 64 * 1_024 * 1_024;

const forms: readonly Buffer[] = [...canarySecrets, ...canaryIds].flatMap(formsOf);

function formsOf(secret: string): Buffer[] {
  // Wherever in three bytes it begins: its ends depend on what stands beside it.
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
      .toString('base64')
      .slice(4, -4),
  );
  return [
    Buffer.from(secret, 'utf16le'),
    ...[secret, ...inBase64].map((text) => Buffer.from(text)),
  ];
}

function hasTrace({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return forms.some((form) => bytes.includes(form));
}

/** Where people and the AWS tools keep keys themselves. */
const mayHold = (path: string) => /(^|[/\\])(\.aws[/\\]|[^/\\]*\.env$)/.test(path);

/**
 * The files below a folder in which a key can be read: as it is, in UTF-16, in Base64 or inside a zip file.
 *
 * @param except Folders right below it that are others' matter: an S3 server keeps the keys that it knows.
 */
export async function tracesIn(folder: string, except: readonly string[] = []): Promise<string[]> {
  const found: string[] = [];
  for await (const file of filesBelow(folder, except)) {
    const path = relative(folder, file);
    if (!mayHold(path) && (await holdsTrace(file))) found.push(path);
  }
  return found;
}

/** What went meanwhile is passed over, and what has a name that is no text: only tests make such ones. */
async function* filesBelow(folder: string, except: readonly string[]): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(ifGone)) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !except.includes(entry.name)) yield* filesBelow(path, []);
  }
}

function ifGone(error: unknown): [] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw error;
}

async function holdsTrace(file: string): Promise<boolean> {
  const bytes = await beginningOf(file);
  if (hasTrace(bytes)) return true;
  if (!file.endsWith('.zip')) return false;
  return Object.values(unzipSync(bytes)).some(hasTrace);
}

async function beginningOf(file: string): Promise<Uint8Array> {
  const handle = await open(file).catch(ifGone);
  if (Array.isArray(handle)) return new Uint8Array();
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, MAX_BYTES)), {
      position: 0,
    });
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** @throws Error naming the files. */
export async function mustHoldNoKey(folder: string, except?: readonly string[]): Promise<void> {
  const files = await tracesIn(folder, except);
  if (files.length > 0) throw new Error(`Keys can be read in ${files.join(', ')}`);
}

/** For what a program said or a window was told. @throws Error naming `where`, without the key. */
export function mustSayNoKey(text: string, where: string): void {
  if (canarySecrets.some((secret) => withoutLinks(text).includes(secret)))
    throw new Error(`A key can be read in ${where}`);
}

/** A link that was asked for carries the session's token, as S3 wants it. */
const withoutLinks = (text: string) => text.replaceAll(/X-Amz-Security-Token=[^&\s"]+/g, '');
