import { existsSync, readFileSync } from 'node:fs';
import { abilityNames, abilityTerms } from '#shared/abilities.ts';
import { remedyOf } from '#shared/troubles/catalogue.ts';
import { AppError } from '#shared/errors.ts';
import { count } from '#shared/format.ts';
import { differenceToGuide, isNeeded, minimalPolicy, s3ActionNames } from '#shared/policy.ts';
import { deniedOf, factTitles, isActionCheck, type Check, type Report } from '#shared/report.ts';
import type { Diagnosis } from '../../engine/doctor/doctor.ts';
import { unusedLines } from '../../engine/settings/env-file.ts';
import type { StorageSettings } from '../../engine/s3/storage-settings.ts';
import type { Context } from '../context.ts';
import { defaultUserId } from '../../engine/defaults.ts';
import { EXIT, exitCodeFor, type ExitCode, type Output } from '../output.ts';
import type { Verb } from '../program.ts';

export const doctor: Verb = (program, run) => {
  program
    .command('doctor')
    .option(
      '--fix-policy',
      'print the least IAM policy that is enough, and how the guide’s differs',
    )
    .action(
      run(async (context, { fixPolicy = false }: { fixPolicy?: boolean }) => {
        if (fixPolicy) return printPolicy(context);
        const { output } = context;
        const settings = settingsOf(context);
        const diagnosis = await test(context, settings);
        const envFile = envFileOf(context);
        const { report, trouble } = diagnosis;
        output.answer(
          {
            ...reportView(diagnosis),
            envFile,
            ...(settings instanceof AppError ? {} : policyOf(settings)),
          },
          [reportText(report, output.style), ...notUsed(envFile)].join('\n\n'),
        );
        if (report.ok) return EXIT.done;
        return trouble ? exitCodeFor(trouble) : EXIT.someFailed;
      }),
    );
};

function settingsOf(context: Context): StorageSettings | AppError {
  try {
    return context.settings();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** What of the `.env` file is not used: a setting that is misspelt looks like one that is set. */
function envFileOf({ envFile: path }: Context) {
  if (!existsSync(path)) return null;
  return { path, notUsed: unusedLines(readFileSync(path, 'utf8')) };
}

function notUsed(file: ReturnType<typeof envFileOf>): string[] {
  if (file === null || file.notUsed.length === 0) return [];
  const lines = file.notUsed.map(
    ({ line, name, why }) => `  line ${line}: ${name === undefined ? '' : `${name} `}${why}`,
  );
  return [`Not used of ${file.path}\n${lines.join('\n')}`];
}

async function test(context: Context, settings: StorageSettings | AppError): Promise<Diagnosis> {
  const [{ wrongSettings }, { diagnose }] = await Promise.all([
    import('../../engine/doctor/doctor.ts'),
    import('../../engine/doctor/doctor-run.ts'),
  ]);
  if (settings instanceof AppError) return wrongSettings(settings);
  const { signal } = context;
  return diagnose(settings, context.known(settings, true), { userId: defaultUserId(), signal });
}

/** As `--json` shows it: times as the other verbs write them. */
function reportView({ report, signIn }: Diagnosis) {
  const denied = deniedOf(report);
  if (signIn === null) return { ...report, denied, signIn };
  const { endsAtMs, ...who } = signIn;
  const endsAt = endsAtMs === undefined ? undefined : new Date(endsAtMs).toISOString();
  return { ...report, denied, signIn: { ...who, endsAt } };
}

function policyOf({ bucket, region }: StorageSettings) {
  const { missing, surplus } = differenceToGuide();
  return { policy: minimalPolicy(bucket, region), missing, surplus };
}

function printPolicy({ settings, output }: Context): ExitCode {
  const document = policyOf(settings());
  output.answer(
    document,
    [
      JSON.stringify(document.policy, undefined, 2),
      '',
      'Compared with the policy of the guide:',
      ...differenceToGuide().lines.map((line) =>
        output.style(line.startsWith('+') ? 'green' : 'red', line),
      ),
    ].join('\n'),
  );
  return EXIT.done;
}

type Style = Output['style'];
type Mark = '✓' | '!' | '?' | '✗' | '·';

const colours = { '✓': 'green', '!': 'yellow', '?': 'yellow', '✗': 'red', '·': 'dim' } as const;

function reportText(report: Report, style: Style): string {
  const { checks, abilities, facts } = report;
  const actions = checks.filter(isActionCheck);
  const sections = [
    table('Connection', checks.filter((check) => !isActionCheck(check)).map(checkRow), style),
  ];
  // A test that ended early asked none of the rest: its one line says what to do.
  if (actions.length > 0)
    sections.push(
      table(
        'This account may',
        actions.map((check) => {
          const { mark, title, detail, remedy } = checkRow(check);
          return {
            mark: detail === 'unknown' ? '?' : mark,
            title,
            detail: `${detail.padEnd(9)}${check.id}`,
            remedy,
          };
        }),
        style,
      ),
      table(
        'This storage',
        abilityNames.map((name) => {
          const { value, note } = abilities[name];
          return {
            mark: value === 'unknown' ? '?' : value ? '✓' : '!',
            title: abilityTerms[name].title,
            detail: value === 'unknown' ? 'unknown' : value ? 'yes' : 'no',
            remedy: note,
          };
        }),
        style,
      ),
      table(
        'This bucket',
        entries(facts).map(([name, { value, advice }]) => ({
          mark: value === 'unknown' ? '?' : '·',
          title: factTitles[name],
          detail: value,
          remedy: advice,
        })),
        style,
      ),
    );
  const denied = deniedOf(report);
  if (denied.length > 0)
    sections.push(
      `An admin would have to allow: ${denied.join(', ')}\nThe whole policy: pansea-sync doctor --fix-policy`,
    );
  return [...sections, summary(report, style)].join('\n\n');
}

type Row = Readonly<{ mark: Mark; title: string; detail: string; remedy: string | undefined }>;

function checkRow({ ok, title, detail = '', code, remedy: given }: Check): Row {
  const remedy = code === undefined ? given : remedyOf(code, 'cli');
  return { mark: ok ? (remedy === undefined ? '✓' : '!') : '✗', title, detail, remedy };
}

function table(heading: string, rows: readonly Row[], style: Style): string {
  const width = Math.max(...rows.map(({ title }) => title.length));
  const lines = rows.flatMap(({ mark, title, detail, remedy }) => [
    `  ${style(colours[mark], mark)} ${title.padEnd(width)}  ${detail}`.trimEnd(),
    ...(remedy === undefined ? [] : [style('dim', `      ${remedy}`)]),
  ]);
  return [style('bold', heading), ...lines].join('\n');
}

function summary({ ok, checks, permissions }: Report, style: Style): string {
  const failed = checks.filter((check) => !check.ok).length;
  if (!ok) return style('red', `Not ready: ${count(failed, 'check')} failed.`);
  const open = s3ActionNames.filter((name) => isNeeded(name) && permissions[name] !== 'allowed');
  const tail =
    open.length > 0 ? ' What is marked ! or ? could be better; pansea-sync works without.' : '';
  return `${style('green', 'Ready: recordings can be uploaded, verified and shared.')}${tail}`;
}

/** `Object.entries` with the names that the type promises. */
function entries<Name extends string, Value>(
  record: Readonly<Record<Name, Value>>,
): [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}
