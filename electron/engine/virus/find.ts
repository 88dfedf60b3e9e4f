/** @file Where a program is, asked when a person names it: what is run later is one file, whatever the search path is then. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** Asked for by name when nobody has named one: with their options for a daemon that is another user's, and for few words. */
const known = [
  ['clamdscan', '--fdpass', '--no-summary'],
  ['clamscan', '--no-summary'],
] as const;

/** @returns The program's absolute path; `undefined` when there is none that this user may start. */
export async function findProgram(
  name: string,
  searchPath = process.env['PATH'] ?? '',
): Promise<string | undefined> {
  if (isAbsolute(name)) return (await mayStart(name)) ? name : undefined;
  // A path that begins at the folder where somebody happens to stand means another program tomorrow.
  if (/[/\\]/.test(name)) return undefined;
  for (const folder of searchPath.split(delimiter).filter(isAbsolute))
    if (await mayStart(join(folder, name))) return join(folder, name);
  return undefined;
}

/** A scanner that is on this computer, ready to be used. */
export async function findScanner(searchPath?: string): Promise<string[] | undefined> {
  for (const [name, ...args] of known) {
    const path = await findProgram(name, searchPath);
    if (path !== undefined) return [path, ...args];
  }
  return undefined;
}

async function mayStart(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
