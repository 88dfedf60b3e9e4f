import { Option, type Command } from 'commander';
import { count, formatNumber, printable } from '#shared/format.ts';
import {
  isAtLeast,
  migrationVerdicts,
  proofLevels,
  type MigrationVerdict,
  type ProofLevel,
} from '#shared/migration/migration.ts';
import { openPlan } from '../../../engine/migrate/open-plan.ts';
import { verifyPlan } from '../../../engine/migrate/verify.ts';
import { jobStore } from '../../../engine/store/jobs.ts';
import { planStore } from '../../../engine/store/plans.ts';
import { whole } from '../../options.ts';
import { EXIT } from '../../output.ts';
import type { Run } from '../../program.ts';

type Asked = Readonly<{ level: ProofLevel; share: number }>;

const levelTerms: Readonly<Record<ProofLevel, string>> = {
  head: 'size and token',
  full: 'checksum of the whole, and the file read again',
  'read-back': 'the object read whole',
};

export const levelOption = (levels: readonly ProofLevel[]) =>
  new Option('--level <level>', levels.map((level) => `${level}: ${levelTerms[level]}`).join('; '))
    .choices([...levels])
    .default('full');

export function verify(migration: Command, run: Run): void {
  migration
    .command('verify <file>')
    .description('whether each file of the plan is in the bucket as it is here')
    .addOption(levelOption(proofLevels))
    .option('--share <percent>', 'how many read-back reads, by chance', whole(1, 100), 100)
    .action(
      run(async (context, file: string, { level, share }: Asked) => {
        const { output, signal } = context;
        const remote = await context.remote();
        const { database } = context.home();
        const plans = planStore(database, Date.now);
        const jobs = jobStore(database, Date.now);
        const plan = await openPlan(context.toPath(file), plans);
        const document = output.document('rows');
        const shown = new Map<MigrationVerdict, number>();
        let looked = 0;
        let kept = 0;
        const total = await verifyPlan(
          { jobs, plans, remote, nowMs: Date.now, random: Math.random },
          plan,
          { level, share: share / 100 },
          async ({ file: { path }, verdict, level: by }) => {
            looked += 1;
            output.progress(
              () => `${formatNumber(looked)} of ${formatNumber(plan.files)} looked at`,
            );
            if (verdict === 'verified' && !isAtLeast(level, by)) kept += 1;
            if (verdict === 'verified') return;
            const before = shown.get(verdict) ?? 0;
            shown.set(verdict, before + 1);
            const text = `${printable(path)} ${migrationVerdicts[verdict]}`;
            await document.item({ path, verdict }, before < SHOWN ? text : undefined);
          },
          signal,
        );
        output.progress('');
        const { verified, pending, ...wrong } = total;
        const lines = [
          `${formatNumber(verified)} of ${count(plan.files, 'file')} verified at the level ${level}, ${formatNumber(pending)} pending.`,
          kept === 0
            ? ''
            : `${count(kept, 'file')} ${kept === 1 ? 'was' : 'were'} verified at a higher level before, which stays on record.`,
          ...Object.entries(wrong).map(([verdict, files]) =>
            files === 0 ? '' : wrongText(verdict as keyof typeof wrong, files),
          ),
        ];
        document.end(
          { level, share, files: plan.files, ...total },
          lines.filter(Boolean).join('\n'),
        );
        return verified === plan.files ? EXIT.done : EXIT.someFailed;
      }),
    );
}

/** How many of each verdict a person is shown; the report and `--json` have all. */
const SHOWN = 10;

const waysOn: Readonly<Partial<Record<MigrationVerdict, string>>> = {
  missing:
    'If it is in quarantine, migrate undo puts it back. Then: pansea-sync audit upload-again missing-in-bucket, and migrate run.',
  differing:
    'Keep the file here, and ask whoever runs the storage. To send it again: pansea-sync audit upload-again differs-in-bucket, and migrate run.',
  changed:
    'The object is as it was sent. If the file is in quarantine, migrate undo puts it back. Then migrate run sends it as it is now; where that names it as changed, compare it with the back-up. To send it as it is, give it a new time and make another plan.',
  denied:
    'It may also have been deleted: without s3:ListBucket, the two look the same. pansea-sync doctor shows what is not allowed.',
  gone: 'Is this the archive’s disk? Then its object can be fetched with pansea-sync download (migrate report has the key), and to clean up without it, make another plan.',
  unreadable:
    'See what is at its place and whether you may read it, then verify again. To clean up without it, make another plan.',
};

function wrongText(verdict: MigrationVerdict, files: number): string {
  const what = `${formatNumber(files).padStart(9)}  It ${migrationVerdicts[verdict]}.`;
  return [what, waysOn[verdict]].filter(Boolean).join(' ');
}
