/** @file Clean-up of a small archive, and what is on its disk then. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '#shared/time.ts';
import { purge, quarantine, undo } from '../../electron/engine/migrate/cleanup.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { QUARANTINE_DAYS, type ProofLevel } from '../../shared/migration/migration.ts';
import { openArchive, type Archive } from './archive.ts';

export const files = {
  'a.mp3': 'lecture a',
  'sub/b.mp3': 'lecture b',
  'sub/a too.mp3': 'lecture a',
};
export const DAYS_MS = QUARANTINE_DAYS * DAY_MS;

export async function verified(some: Record<string, string> = files): Promise<Archive> {
  const archive = await openArchive(some);
  await archive.run();
  await verify(archive);
  return archive;
}

export function verify({ context, plan, signal }: Archive, level: ProofLevel = 'full') {
  return verifyPlan(context, plan, { level, share: 1 }, () => {}, signal);
}

/** @returns How many were done, and why others were kept. */
export async function clean(
  { context, plan, signal }: Archive,
  step: 'quarantine' | 'purge' | 'undo',
  confirmed = 3,
) {
  const kept: string[] = [];
  const note = ({ file, kept: why }: { file: { path: string }; kept: string | undefined }) => {
    if (why !== undefined) kept.push(`${file.path}: ${why}`);
  };
  const steps = {
    quarantine: () => quarantine(context, plan, 'full', confirmed, note, signal),
    purge: () => purge(context, plan, QUARANTINE_DAYS, confirmed, note, signal),
    undo: () => undo(context, plan, undefined, note, signal),
  };
  const { files: done } = await steps[step]();
  return { done, kept };
}

/** Paths and texts of all that is in the archive, and of what is in quarantine. */
export async function onDisk({ root, plan }: Archive) {
  const all = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const here: Record<string, string> = {};
  const aside: Record<string, string> = {};
  const top = join(root, '.pansea-quarantine', plan.id);
  for (const path of paths) {
    const text = await readFile(path, 'utf8');
    if (path.startsWith(top)) aside[path.slice(top.length + 1)] = text;
    else here[path.slice(root.length + 1)] = text;
  }
  return { here, aside };
}
