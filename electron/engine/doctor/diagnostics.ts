/** @file A report for whoever helps: what this program is, how it is set up, what it met. Nothing in it signs or opens anything. */
import type { Database } from 'better-sqlite3';
// The one for browsers: the one for Node declares a `require` of its own, and so does each chunk that is built.
import { zipSync, strToU8 } from 'fflate/browser';
import { readFile } from 'node:fs/promises';
import { arch, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { formatNumber, isoTime, printable } from '#shared/format.ts';
import { historyText } from '#shared/api/history.ts';
import { withoutSecrets } from '#shared/redact.ts';
import { logFiles, secretsOf } from '../log.ts';
import type { Environment } from '../settings/settings.ts';
import { folderStore } from '../store/folders.ts';
import { historyStore } from '../store/history.ts';
import { jobStore } from '../store/jobs.ts';

/** As many lines of the log as a helper reads. */
const MAX_LOG_LINES = 5_000;
/** And of the history. */
const MAX_LINES = 1_000;

/** One file of the report. */
export type ReportEntry = Readonly<{ name: string; about: string; text: string }>;

export type ReportSource = Readonly<{
  version: string;
  homePath: string;
  /** `undefined` when the ledger cannot be opened: that is when a report matters most. */
  database: Database | undefined;
  env: Environment;
  nowMs: number;
  /** The user's home folder, shown as `~`. */
  userHome: string;
  /** How things are for a window: its troubles and counts. */
  state?: Readonly<Record<string, unknown>>;
  /** Secrets in use that are not in the environment. */
  secrets?: readonly string[];
}>;

/** Variables whose values help and give nothing away; of all others only whether they are set. */
const shown = new Set([
  'AWS_REGION',
  'AWS_S3_BUCKET',
  'AWS_S3_USE_SSL',
  'AWS_S3_VERIFY_SSL',
  'AWS_CA_BUNDLE',
  'DEBUG',
  'NO_PROXY',
  'PANSEA_SETTLE_SECONDS',
  'PANSEA_SYNC_HOME',
]);
const ours = /^(?:AWS_|PANSEA_|DEBUG$|(?:https?|no)_proxy$)/i;

/** What the report would hold, for a look before it is made. Names of recordings and folders are in it. */
export async function collectReport(source: ReportSource): Promise<ReportEntry[]> {
  const { version, homePath, database, env, nowMs } = source;
  const entries: ReportEntry[] = [
    {
      name: 'about.json',
      about: 'versions of this program and this computer',
      text: json({
        version,
        at: isoTime(nowMs),
        system: `${platform()} ${release()} ${arch()}`,
        memoryBytes: totalmem(),
        versions: process.versions,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        now: source.state,
      }),
    },
    {
      name: 'settings.json',
      about: 'settings; of keys, tokens and addresses only whether they are set',
      text: json(settingsOf(env)),
    },
    {
      name: 'ledger.json',
      about: 'state of the list of recordings: counts, folders, integrity',
      text: json(database ? ledgerOf(database) : { isOpen: false }),
    },
    {
      name: 'history.txt',
      about: `what happened in words, the last ${formatNumber(MAX_LINES)} lines at most`,
      text: database ? historyOf(database) : '',
    },
    {
      name: 'log.jsonl',
      about: `what happened, the last ${formatNumber(MAX_LOG_LINES)} lines at most`,
      text: await logOf(homePath),
    },
  ];
  const known = [...secretsOf(env), ...(source.secrets ?? [])];
  return entries.map(({ name, about, text }) => ({
    name,
    about,
    text: withoutSecrets(text, known).replaceAll(source.userHome, '~'),
  }));
}

/** The report as a zip file's bytes. */
export function zipReport(entries: readonly ReportEntry[]): Uint8Array {
  return zipSync(Object.fromEntries(entries.map(({ name, text }) => [name, strToU8(text)])));
}

function settingsOf(env: Environment): Record<string, string> {
  const given = Object.entries(env).filter(([name, value]) => ours.test(name) && value?.trim());
  return Object.fromEntries(
    given.map(([name, value]) => [name, shown.has(name.toUpperCase()) ? value! : 'set']),
  );
}

function ledgerOf(database: Database) {
  const pragma = (name: string): unknown => database.pragma(name, { simple: true });
  return {
    schema: pragma('user_version'),
    journal: pragma('journal_mode'),
    synchronous: pragma('synchronous'),
    integrity: pragma('quick_check'),
    bytes: Number(pragma('page_count')) * Number(pragma('page_size')),
    jobs: jobStore(database, Date.now).tally(),
    folders: folderStore(database, Date.now)
      .list()
      .map(({ path, rule }) => ({ path, rule })),
  };
}

function historyOf(database: Database): string {
  try {
    return historyStore(database, Date.now)
      .each(null)
      .slice(-MAX_LINES)
      .map((line) => `${isoTime(line.atMs)} ${printable(historyText(line, isoTime))}\n`)
      .join('');
  } catch (error) {
    return `It cannot be read: ${String(error)}\n`;
  }
}

async function logOf(homePath: string): Promise<string> {
  const texts: string[] = [];
  for (const file of logFiles)
    texts.push(await readFile(join(homePath, file), 'utf8').catch(() => ''));
  const lines = texts.join('').split('\n').filter(Boolean);
  return lines
    .slice(-MAX_LOG_LINES)
    .map((line) => `${line}\n`)
    .join('');
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
