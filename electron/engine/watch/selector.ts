/** @file Which files of a watched folder are uploaded, by their paths: what its rule says, and what no rule takes. */
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { takesType } from '#shared/limits.ts';
import { isUnconvertedZoom } from '../container/judge.ts';
import { isMedia } from '../container/media.ts';
import type { Folder, FolderRule } from '../store/folders.ts';

/** Half-written files of browsers, copy tools and recorders: the finished one comes under another name. */
export const temporaryEndings =
  'part partial crdownload download tmp temp filepart opdownload aria2 !ut zoom inprogress'.split(
    ' ',
  );
const temporary = picomatch(['~$*', `*.{${temporaryEndings.join(',')}}`, '*~'], {
  nocase: true,
  dot: true,
});

/** What is in these was put there by a program, such as what a person has thrown into a disk’s trash. */
export const hiddenFolder = /^(?:\.|(?:\$RECYCLE\.BIN|System Volume Information)$)/i;

/** Whether a folder, by its path below a watched one, is hidden or in a hidden one. */
export function isHidden(relativeFolder: string): boolean {
  return relativeFolder.split(sep).some((name) => name !== '.' && hiddenFolder.test(name));
}

/** Says of a path below the folder why it is not uploaded; `undefined` when it is. */
export type Selector = (relativePath: string) => string | undefined;

export function selectorFor(rule: FolderRule): Selector {
  const known = selectors.get(rule);
  if (known) return known;
  const selector = newSelector(rule);
  selectors.set(rule, selector);
  return selector;
}

/** Whether a folder uploads the file at a path: not one that has another rule by now, or is on another drive. */
export function takesIn({ path, rule }: Folder, file: string): boolean {
  const below = relative(path, file);
  return !isAbsolute(below) && selectorFor(rule)(below) === undefined;
}

/** Patterns take much longer to be made than to be asked. */
const selectors = new WeakMap<FolderRule, Selector>();

function newSelector(rule: FolderRule): Selector {
  const include = said(rule.include);
  const included = include.length > 0 ? matcher(include) : undefined;
  const excluded = excludedBy(rule);
  const notIncluded = `not included by this folder’s rule (${include.join(', ')})`;
  const types = (rule.types ?? []).join(', ');
  // Files are asked about folder by folder.
  let lastFolder: string | undefined;
  let isLastHidden = false;
  return (relativePath) => {
    const path = withSlashes(relativePath);
    const name = basename(relativePath);
    const folder = dirname(relativePath);
    if (folder !== lastFolder) {
      lastFolder = folder;
      isLastHidden = isHidden(folder);
    }
    if (isLastHidden) return 'in a hidden folder';
    if (name.startsWith('.')) return 'a hidden name';
    const isZoom = isUnconvertedZoom(path); // Held, so that its owner hears how to get a recording of it.
    if (temporary(name) && !isZoom) return 'a temporary name';
    const pattern = excluded(path);
    if (pattern !== undefined) return `excluded by this folder’s rule (${pattern})`;
    if (included) return included(path) === undefined ? notIncluded : undefined;
    // What its limits keep of recordings is held, so that nobody misses one.
    if (isZoom || isMedia(path)) return undefined;
    if (rule.kind !== 'audio')
      return takesType(rule, path) ? undefined : `not a type that this folder takes (${types})`;
    return types !== '' && takesType(rule, path) ? undefined : 'not a recording';
  };
}

/** Finds the first of the patterns that keep a path from being uploaded. */
export const excludedBy = (rule: Pick<FolderRule, 'exclude'>): ReturnType<typeof matcher> =>
  matcher(said(rule.exclude));

/** As patterns are written. */
export const withSlashes = (path: string): string =>
  sep === '/' ? path : path.split(sep).join('/');

/** An empty pattern, such as a variable in a script that was not set, says nothing. */
const said = (patterns: readonly string[]): string[] =>
  patterns.filter((pattern) => pattern !== '');

/** Finds the first of the patterns that a path matches. An accent has two forms, and a disk may have another than is typed. */
function matcher(patterns: readonly string[]): (path: string) => string | undefined {
  const each = patterns.map((pattern) => ({
    pattern,
    fits: picomatch(pattern.normalize('NFC'), { nocase: true }),
  }));
  return (path) => {
    const composed = path.normalize('NFC');
    return each.find(({ fits }) => fits(composed))?.pattern;
  };
}
