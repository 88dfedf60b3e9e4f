/** @file What became of each file of a plan, for people, for spreadsheets and for programs. */
import { CSV_MARK, csvLine, spreadsheetSafe } from '#shared/csv.ts';
import { count, formatBytes, printable } from '#shared/format.ts';
import {
  addTo,
  backupText,
  migrationVerdicts,
  noFiles,
  placeWords,
  type Backup,
  type ReportFormat,
  type Sum,
} from '#shared/migration.ts';
import { writeNewFile } from '../durable-file.ts';
import { toWriteError } from '../file-errors.ts';
import type { JobStore } from '../store/jobs.ts';
import type { Plan, PlanStore } from '../store/plans.ts';
import { jobOf } from './run.ts';

type Context = Readonly<{ jobs: JobStore; plans: PlanStore; nowMs: () => number }>;
/** Times in ISO 8601, UTC; `null` for what has not happened. */
type ReportRow = Readonly<{
  path: string;
  sizeBytes: number;
  state: string;
  key: string | null;
  sha256: string | null;
  uploadedAt: string | null;
  verdict: string | null;
  level: string | null;
  checkedAt: string | null;
  place: string;
}>;
export type ReportTotals = {
  planned: Sum;
  verified: Sum;
  notVerified: Sum;
  quarantined: Sum;
  removed: Sum;
  /** Named by the plan, and not in it. */
  leftOut: number;
};

/**
 * Writes a report. Each file of the plan is in it once, so that its sizes add up to the plan's.
 *
 * @throws AppError `download-exists` · `cannot-write`
 */
export async function writeReport(
  context: Context,
  plan: Plan,
  format: ReportFormat,
  path: string,
): Promise<ReportTotals> {
  const totals = totalsOf(context, plan);
  const made = { plan, totals, at: iso(context.nowMs())!, backup: context.plans.backup(plan.id) };
  const text = { html: htmlOf, csv: csvOf, json: jsonOf }[format];
  try {
    await writeNewFile(path, text(made, rowsOf(context, plan)));
  } catch (error) {
    throw toWriteError(error, path);
  }
  return totals;
}

type Made = Readonly<{
  plan: Plan;
  totals: ReportTotals;
  at: string;
  backup: Backup | undefined;
}>;

function* rowsOf({ jobs, plans }: Context, plan: Plan): Generator<ReportRow> {
  for (const file of plans.files(plan.id)) {
    const job = jobOf(jobs, plan, file);
    const { path, sizeBytes, verdict = null, level = null, place } = file;
    const state = job?.state;
    yield {
      path,
      sizeBytes,
      state: state?.kind ?? 'not begun',
      key: job?.key ?? null,
      sha256: job?.fingerprint?.sha256 ?? null,
      uploadedAt: iso(state?.kind === 'verified' ? state.verifiedAtMs : undefined),
      verdict,
      level,
      checkedAt: iso(file.checkedAtMs),
      place,
    };
  }
}

function totalsOf({ plans }: Context, plan: Plan): ReportTotals {
  const totals: ReportTotals = {
    planned: noFiles(),
    verified: noFiles(),
    notVerified: noFiles(),
    quarantined: noFiles(),
    removed: noFiles(),
    leftOut: plans.leftOut(plan.id),
  };
  for (const file of plans.files(plan.id)) {
    addTo(totals.planned, file);
    addTo(file.verdict === 'verified' ? totals.verified : totals.notVerified, file);
    if (file.place === 'quarantined' || file.place === 'removed') addTo(totals[file.place], file);
  }
  return totals;
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function* jsonOf({ plan, totals, at, backup }: Made, rows: Iterable<ReportRow>): Generator<string> {
  const head = JSON.stringify({ plan, madeAt: at, backup: backup ?? null, totals });
  yield `${head.slice(0, -1)},"files":[`;
  let separator = '\n';
  for (const row of rows) {
    yield `${separator}${JSON.stringify(row)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

function* csvOf(_made: Made, rows: Iterable<ReportRow>): Generator<string> {
  let isFirst = true;
  for (const row of rows) {
    if (isFirst) yield CSV_MARK + csvLine(Object.keys(row));
    isFirst = false;
    yield csvLine(Object.values(row).map((value) => spreadsheetSafe(value ?? '')));
  }
}

function* htmlOf({ plan, totals, at, backup }: Made, rows: Iterable<ReportRow>): Generator<string> {
  const { planned, verified, notVerified, quarantined, removed, leftOut } = totals;
  yield `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Migration of ${html(plan.root)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>${STYLE}</style></head>
<body><main>
<h1>Migration report</h1>
<p>Archive <code>${html(plan.root)}</code>, plan <code>${html(plan.id)}</code>, as it was on ${time(at)}.</p>
<p>${html(backupText(backup))}</p>
<h2>Totals</h2>
<table><tbody>
${totalRow('In the plan', planned)}
${totalRow('Verified in the bucket', verified)}
${totalRow('Not verified', notVerified)}
${totalRow('In quarantine', quarantined)}
${totalRow('Deleted here after proof', removed)}
</tbody></table>
<p>${count(leftOut, 'file')} could not be planned; the plan says why.</p>
<h2 id="files">Files</h2>
<div tabindex="0" role="region" aria-labelledby="files"><table aria-labelledby="files">
<thead><tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">In the bucket as</th><th scope="col">SHA-256</th><th scope="col">Verdict</th><th scope="col">Here</th></tr></thead>
<tbody>
`;
  for (const row of rows) yield htmlRow(row);
  yield '</tbody></table></div>\n</main></body></html>\n';
}

function totalRow(title: string, { files, bytes }: Sum): string {
  return `<tr><th scope="row">${title}</th><td>${count(files, 'file')}</td><td>${count(bytes, 'byte')}</td></tr>`;
}

function htmlRow({ path, sizeBytes, key, sha256, verdict, level, checkedAt, place }: ReportRow) {
  const sentence = migrationVerdicts[(verdict ?? 'pending') as keyof typeof migrationVerdicts];
  const words = verdict === 'verified' ? verdict : sentence;
  const when = checkedAt === null ? '' : `, ${level}, ${time(checkedAt)}`;
  const cells = [
    `<td title="${count(sizeBytes, 'byte')}">${formatBytes(sizeBytes)}</td>`,
    `<td><code>${html(key ?? '–')}</code></td>`,
    `<td><code>${sha256 ?? '–'}</code></td>`,
    `<td>${html(words)}${when}</td>`,
    `<td>${placeWords[place as keyof typeof placeWords]}</td>`,
  ];
  return `<tr><th scope="row">${html(printable(path))}</th>${cells.join('')}</tr>\n`;
}

function time(at: string): string {
  return `<time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

function html(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character]!);
}

/** For the screen in light and dark, and for paper: heads on each sheet, no row cut in two. */
const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 80rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 0 0 1rem }
th, td { text-align: start; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #8886 }
th[scope=row] { font-weight: 500; min-width: 10rem; overflow-wrap: anywhere }
td code { display: inline-block; min-width: 14rem; overflow-wrap: anywhere }
[role=region] { overflow-x: auto }
code { font-size: .85em }
@media print { main { margin: 0; max-width: none } body { font-size: 9pt } thead { display: table-header-group } tr { break-inside: avoid } td code { min-width: 0 } [role=region] { overflow: visible } }
`;
