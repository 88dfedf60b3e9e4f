/** @file What became of each file of a plan, for people, for spreadsheets and for programs. */
import { CSV_MARK, csvLine, spreadsheetSafe } from '#shared/csv.ts';
import { count, DATES, formatBytes, isoTime, printable, withCapital } from '#shared/format.ts';
import {
  addTo,
  backupText,
  levelWords,
  migrationVerdicts,
  noFiles,
  placeWords,
  type Backup,
  type FilePlace,
  type MigrationVerdict,
  type ProofLevel,
  type ReportFormat,
  type Sum,
} from '#shared/migration/migration.ts';
import { doubtsText } from '#shared/migration/plan.ts';
import { writeNewFile } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';
import { inSlices } from '../pauses.ts';
import type { JobStore } from '../store/jobs.ts';
import type { PlanStore, ReadPlan } from '../store/plans.ts';
import { backupView } from './backup.ts';
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
  verdict: MigrationVerdict | null;
  level: ProofLevel | null;
  checkedAt: string | null;
  place: FilePlace;
}>;
/** What is verified, by its level, and what is not make up the plan; and so do the places. */
type ReportTotals = {
  planned: Sum;
  verified: Record<ProofLevel, Sum>;
  notVerified: Sum;
  places: Record<FilePlace, Sum>;
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
  plan: ReadPlan,
  format: ReportFormat,
  path: string,
): Promise<ReportTotals> {
  const totals = await totalsOf(context, plan);
  const made = {
    plan,
    totals,
    at: isoTime(context.nowMs()),
    backup: context.plans.backup(plan.id),
  };
  const text = { html: htmlOf, csv: csvOf, json: jsonOf }[format];
  try {
    await writeNewFile(path, text(made, rowsOf(context, plan)));
  } catch (error) {
    throw toWriteError(error, path);
  }
  return totals;
}

type Made = Readonly<{
  plan: ReadPlan;
  totals: ReportTotals;
  at: string;
  backup: Backup | undefined;
}>;

function* rowsOf({ jobs, plans }: Context, plan: ReadPlan): Generator<ReportRow> {
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

async function totalsOf({ plans }: Context, plan: ReadPlan): Promise<ReportTotals> {
  const totals: ReportTotals = {
    planned: noFiles(),
    verified: { 'read-back': noFiles(), full: noFiles(), head: noFiles() },
    notVerified: noFiles(),
    places: {
      here: noFiles(),
      moving: noFiles(),
      quarantined: noFiles(),
      removing: noFiles(),
      removed: noFiles(),
    },
    leftOut: plans.leftOut(plan.id),
  };
  for await (const file of inSlices(plans.files(plan.id))) {
    addTo(totals.planned, file);
    const { verdict, level, place } = file;
    addTo(verdict === 'verified' ? totals.verified[level!] : totals.notVerified, file);
    addTo(totals.places[place], file);
  }
  return totals;
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : isoTime(ms);
}

function* jsonOf(
  { plan: { id, sha256, root, files, bytes, summary }, totals, at, backup }: Made,
  rows: Iterable<ReportRow>,
): Generator<string> {
  const plan = { id, sha256, root, files, bytes };
  const { problems } = summary;
  const head = JSON.stringify({
    plan,
    madeAt: at,
    backup: backup ? backupView(backup) : null,
    problems,
    totals,
  });
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
  const { planned, verified, notVerified, places, leftOut } = totals;
  const doubts = doubtsText(plan.summary.problems, places.removed.files < planned.files);
  yield `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Migration of ${html(plan.root)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>${STYLE}</style></head>
<body><main>
<h1>Migration report</h1>
<p>Archive <code>${html(plan.root)}</code>, plan <code>${html(plan.id)}</code>, as it was on ${time(at)}.</p>
<p>${html(backupText(backup, 'UTC'))}</p>
<h2>Totals</h2>
<table class="totals">
<tbody>${totalRow('In the plan', planned)}</tbody>
${totalRows('In the bucket', [...rowsIn(verified, levelWords, 'Verified, '), ['Not verified', notVerified]])}
${totalRows('On the archive’s disk', rowsIn(places, placeWords))}
</table>
${doubts === '' ? '' : `<p>${html(doubts)}</p>`}
${leftOut === 0 ? '' : `<p>${count(leftOut, 'file')} could not be planned; the plan says why.</p>`}
<h2 id="files">Files</h2>
<div tabindex="0" role="region" aria-labelledby="files"><table aria-labelledby="files">
<thead><tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">In the bucket as</th><th scope="col">SHA-256</th><th scope="col">Verdict</th><th scope="col">Here</th></tr></thead>
<tbody>
`;
  for (const row of rows) yield htmlRow(row);
  yield '</tbody></table></div>\n</main></body></html>\n';
}

function totalRows(title: string, rows: readonly (readonly [string, Sum])[]): string {
  const some = rows.filter(([, { files }]) => files > 0).map(([name, sum]) => totalRow(name, sum));
  return `<tbody><tr><th scope="rowgroup" colspan="3">${title}</th></tr>${some.join('')}</tbody>`;
}

function rowsIn<Name extends string>(
  sums: Readonly<Record<Name, Sum>>,
  words: Readonly<Record<Name, string>>,
  before = '',
): (readonly [string, Sum])[] {
  return (Object.keys(words) as Name[]).map((name) => [before + words[name], sums[name]]);
}

function totalRow(title: string, { files, bytes }: Sum): string {
  const name = withCapital(title);
  return `<tr><th scope="row">${name}</th><td>${count(files, 'file')}</td><td>${sizeText(bytes)}</td></tr>`;
}

/** To the byte, on paper, too. */
function sizeText(bytes: number): string {
  const [short, exact] = [formatBytes(bytes), count(bytes, 'byte')];
  return short === exact ? exact : `${short} <small>${exact}</small>`;
}

function htmlRow({ path, sizeBytes, key, sha256, verdict, level, checkedAt, place }: ReportRow) {
  const words =
    verdict === 'verified'
      ? `verified, ${levelWords[level!]}`
      : migrationVerdicts[verdict ?? 'pending'];
  const when = checkedAt === null ? '' : `, ${time(checkedAt)}`;
  const cells = [
    `<td>${sizeText(sizeBytes)}</td>`,
    `<td><code>${html(key ?? '–')}</code></td>`,
    `<td><code>${sha256 ?? '–'}</code></td>`,
    `<td>${words}${when}</td>`,
    `<td>${placeWords[place]}</td>`,
  ];
  return `<tr><th scope="row">${html(printable(path))}</th>${cells.join('')}</tr>\n`;
}

/** It is read anywhere. */
const utc = new Intl.DateTimeFormat(DATES, {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

function time(at: string): string {
  return `<time datetime="${at}">${utc.format(Date.parse(at))} UTC</time>`;
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
small { display: block; opacity: .75 }
.totals { width: auto }
.totals td, :is(th, td):nth-child(2) { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums }
th[scope=rowgroup] { padding-top: 1rem }
th[scope=row] { font-weight: 500; min-width: 10rem; overflow-wrap: anywhere }
td code { display: inline-block; min-width: 14rem; overflow-wrap: anywhere }
[role=region] { overflow-x: auto }
[role=region] td:nth-child(5) { min-width: 11rem }
time { white-space: nowrap }
code { font-size: .85em }
@page { size: landscape; margin: 12mm }
@media print { main { margin: 0; padding: 0; max-width: none } body { font-size: 9pt } thead { display: table-header-group } tr { break-inside: avoid } td code { min-width: 12.5rem } [role=region] { overflow: visible } }
`;
