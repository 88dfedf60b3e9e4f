import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Those of `names` that are not on PATH, in the order given. */
export function missingPrograms(names: readonly string[]): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return names.filter(
    (name) => !folders.some((folder) => isProgram(path.join(folder, name + suffix))),
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
