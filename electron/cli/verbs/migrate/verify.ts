import { Option, type Command } from 'commander';
import { count, printable } from '#shared/format.ts';
import { migrationVerdicts, proofLevels, type ProofLevel } from '#shared/migration.ts';
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
        const jobs = jobStore(database, Date.now, () => {});
        const plan = await openPlan(context.toPath(file), plans);
        const document = output.document('rows');
        let looked = 0;
        const total = await verifyPlan(
          { jobs, plans, remote, nowMs: Date.now, random: Math.random },
          plan,
          { level, share: share / 100 },
          async ({ file: { path }, verdict }) => {
            looked += 1;
            output.progress(() => `${looked} of ${plan.files} looked at`);
            if (verdict === 'verified') return;
            if (!output.json) output.note(`${printable(path)} ${migrationVerdicts[verdict]}`, true);
            await document.item({ path, verdict }, undefined);
          },
          signal,
        );
        output.progress('');
        const { verified, pending } = total;
        document.end(
          { level, share, files: plan.files, ...total },
          `${verified} of ${count(plan.files, 'file')} verified at the level ${level}, ${pending} pending.`,
        );
        return verified === plan.files ? EXIT.done : EXIT.someFailed;
      }),
    );
}
