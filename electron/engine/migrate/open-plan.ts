/** @file A plan's file is taken into the ledger once: what was planned is what is done, however often it is begun. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { PlanSummary } from '#shared/api/migration-view.ts';
import {
  planLine,
  planProblemKinds,
  planProblems,
  type PlanEnd,
  type PlanFile,
  type PlanHead,
  type PlanProblem,
  type PlanProblemKind,
} from '#shared/migration/plan.ts';
import { toNamedError } from '../files/file-errors.ts';
import type { Plan, PlanStore, ReadPlan } from '../store/plans.ts';

const BATCH = 1_000;
/** The last line has a sum for each class. */
const LINE_CHARACTERS_AT_MOST = 64 * 1024 * 1024;

/**
 * Reads a plan's file to its end, and takes it into the ledger unless it is there. It is the one that was opened
 * last then.
 *
 * @throws AppError `usage` for what is no plan, or is not as it was written; the errors of `toNamedError`.
 */
export async function openPlan(file: string, plans: PlanStore): Promise<ReadPlan> {
  const { head, end, named } = await check(file);
  const { id, root, madeAt } = head;
  const { sha256, files, bytes, groups, estimate } = end;
  const plan = { id, sha256, root, files, bytes };
  const known = plans.get(id);
  if (known !== undefined && known.sha256 !== plan.sha256)
    throw refusal(file, 'another plan was begun under its name');
  if (known === undefined) await takeIn(file, plan, plans);
  const summary = {
    madeAt,
    problems: problemsOf(end, named),
    groups: {
      classes: largest(groups.classes),
      types: largest(groups.types),
      years: largest(groups.years),
    },
    estimate,
  };
  plans.opened(id, file, summary);
  return { ...plan, file, summary };
}

async function takeIn(file: string, plan: Plan, plans: PlanStore): Promise<void> {
  plans.begin(plan.id);
  let batch: (PlanFile | { path: string })[] = [];
  for await (const { line } of linesOf(file)) {
    if ('to' in line || ('problem' in line && planProblems[line.problem].blocks)) batch.push(line);
    if (batch.length < BATCH) continue;
    plans.add(plan.id, batch);
    batch = [];
  }
  plans.add(plan.id, batch);
  plans.finish(plan);
}

/** What is shown of each kind of problem, and of each kind of group: the plan's file has all. */
const SHOWN = 10;

function problemsOf({ problems }: PlanEnd, named: Named): PlanSummary['problems'] {
  return planProblemKinds.flatMap((why) => {
    const files = problems[why] ?? 0;
    return files === 0 ? [] : [{ why, files, some: named[why] ?? [] }];
  });
}

function largest(sums: PlanEnd['groups']['classes']): PlanSummary['groups']['classes'] {
  const all = Object.entries(sums)
    .map(([name, { files, bytes }]) => ({ name, files, bytes }))
    .toSorted((a, b) => b.bytes - a.bytes);
  return { some: all.slice(0, SHOWN), more: Math.max(0, all.length - SHOWN) };
}

/** The first paths of each problem. */
type Named = Partial<Record<PlanProblemKind, string[]>>;

/** Whether the file is whole and as it was written, before anything is done by it. */
async function check(file: string): Promise<{ head: PlanHead; end: PlanEnd; named: Named }> {
  const sha256 = createHash('sha256');
  const total = { files: 0, bytes: 0 };
  const named: Named = {};
  let head: PlanHead | undefined;
  let end: PlanEnd | undefined;
  for await (const { text, line } of linesOf(file)) {
    if (end !== undefined) throw refusal(file, 'it goes on behind its end');
    if ('panseaPlan' in line) head = line;
    else if ('to' in line) {
      total.files += 1;
      total.bytes += line.sizeBytes;
    } else if ('sha256' in line) end = line;
    else if ((named[line.problem] ??= []).length < SHOWN) named[line.problem]!.push(nameOf(line));
    if (end === undefined) sha256.update(`${text}\n`);
  }
  if (head === undefined || end === undefined) throw refusal(file, 'its end is missing');
  const isWhole = total.files === end.files && total.bytes === end.bytes;
  if (!isWhole || sha256.digest('hex') !== end.sha256)
    throw refusal(file, 'it was changed after it was written');
  return { head, end, named };
}

/**
 * The problems of a plan, from where its file was when it was opened last.
 *
 * @throws AppError `plan-away` when it is not there, or another one is; `usage` for what is no plan.
 */
export async function* problemsIn({
  id,
  file,
}: Readonly<{ id: string; file: string }>): AsyncGenerator<PlanProblem> {
  try {
    for await (const { line } of linesOf(file)) {
      if ('panseaPlan' in line && line.id !== id)
        throw new AppError('plan-away', `${file} is another plan by now`);
      if ('problem' in line) yield line;
      // They come first.
      if ('to' in line) return;
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'no-such-file') throw error;
    throw new AppError('plan-away', file, { cause: error });
  }
}

function nameOf({ path, detail }: PlanProblem): string {
  return detail === undefined ? path : `${path} (${detail})`;
}

async function* linesOf(file: string) {
  try {
    for await (const text of textLines(file)) yield { text, line: parse(file, text) };
  } catch (error) {
    throw toNamedError(error, file);
  }
}

function parse(file: string, text: string) {
  try {
    return planLine.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError('usage', `${file} is no plan: ${text.slice(0, 80)}`, { cause: error });
  }
}

/** Only line feeds end a line: names may hold what else passes for the end of one. */
async function* textLines(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of createReadStream(file, 'utf8')) {
    const lines = (rest + (piece as string)).split('\n');
    rest = lines.pop()!;
    if (rest.length > LINE_CHARACTERS_AT_MOST) throw refusal(file, 'a line of it has no end');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function refusal(file: string, why: string): AppError {
  return new AppError('usage', `${file} cannot be used, since ${why}: make a plan again`);
}
