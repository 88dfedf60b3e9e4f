import type { Verb } from '../program.ts';
import { cleanup, undo } from './migrate/cleanup.ts';
import { plan } from './migrate/plan.ts';
import { references } from './migrate/references.ts';
import { backup, receipts, report } from './migrate/report.ts';
import { run as runPlan } from './migrate/run.ts';
import { template } from './migrate/template.ts';
import { verify } from './migrate/verify.ts';

const ORDER = `
In this order: plan, backup, run, verify, references, cleanup. A plan may be left
and gone on with at any step; undo takes a clean-up back.`;

export const migrate: Verb = (program, run) => {
  const migration = program.command('migrate').addHelpText('after', ORDER);
  const all = [
    template,
    plan,
    backup,
    runPlan,
    verify,
    references,
    cleanup,
    undo,
    report,
    receipts,
  ];
  for (const step of all) step(migration, run);
};
