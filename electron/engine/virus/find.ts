import { findProgram } from '../program.ts';

/** Asked for by name when nobody has named one: with their options for a daemon that is another user's, and for few words. */
const known = [
  ['clamdscan', '--fdpass', '--no-summary'],
  ['clamscan', '--no-summary'],
] as const;

/** A scanner that is on this computer, ready to be used. */
export async function findScanner(searchPath?: string): Promise<string[] | undefined> {
  for (const [name, ...args] of known) {
    const path = await findProgram(name, searchPath);
    if (path !== undefined) return [path, ...args];
  }
  return undefined;
}
