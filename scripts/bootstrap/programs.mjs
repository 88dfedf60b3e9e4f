import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * Those of `names` that are not on PATH, in the order given.
 *
 * @param {readonly string[]} names
 * @param {string} [searchPath]
 * @returns {string[]}
 */
export function missingPrograms(names, searchPath = process.env.PATH ?? '') {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return names.filter(
    (name) => !folders.some((folder) => isProgram(path.join(folder, name + suffix))),
  );
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
