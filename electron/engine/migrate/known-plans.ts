/** @file The plans of this computer, the one that is shown, and how far each is. */
import { AppError } from '#shared/errors.ts';
import type { KnownPlan } from '#shared/api/migration-lists.ts';
import type { PlanView, Standing } from '#shared/api/migration-view.ts';
import type { JobStore } from '../store/jobs.ts';
import type { OpenedPlan, PlanStore } from '../store/plans.ts';
import { standingOf } from './standing.ts';

export function createKnownPlans(
  context: Readonly<{ jobs: JobStore; plans: PlanStore; nowMs: () => number }>,
) {
  const { plans } = context;
  let counted: { id: string; standing: Promise<Standing> } | undefined;

  /** Of the plan that is shown; counted once until things have changed. */
  function standing(plan: OpenedPlan): Promise<Standing> {
    if (counted?.id !== plan.id) {
      const fresh = { id: plan.id, standing: standingOf(context, plan) };
      counted = fresh;
      fresh.standing.catch(() => {
        if (counted === fresh) counted = undefined;
      });
    }
    return counted.standing;
  }

  return {
    changed: (): void => void (counted = undefined),
    standing,
    async view(): Promise<PlanView | null> {
      const plan = plans.last();
      if (plan === undefined) return null;
      const { sha256: _, openedAtMs: __, ...shown } = plan;
      return {
        ...shown,
        backup: plans.backup(plan.id) ?? null,
        standing: await standing(plan),
      };
    },
    /** The plan that the window shows. @throws AppError `usage` when it is another one by now. */
    must(id: string): OpenedPlan {
      const plan = plans.last();
      if (plan?.id !== id) throw new AppError('usage', 'Another plan has been opened since');
      return plan;
    },
    /** @param running Which plan is being uploaded. */
    page(running: string | undefined, offset: number, limit: number) {
      const rows = plans
        .known(offset, limit)
        .map(({ id, root, file, files, bytes, openedAtMs, summary: { madeAt } }): KnownPlan => {
          const isRunning = id === running;
          return { id, root, file, files, bytes, openedAtMs, madeAt, isRunning };
        });
      return { rows, total: plans.knownCount() };
    },
    /** @throws AppError `usage` for a plan that is not known. */
    async standingOf(id: string): Promise<Standing> {
      const plan = plans.get(id);
      if (plan === undefined) throw new AppError('usage', 'This plan is not known here');
      return counted?.id === id ? counted.standing : standingOf(context, plan);
    },
    /** @throws AppError `usage` for a plan that is not known. */
    show(id: string): void {
      if (!plans.openAgain(id)) throw new AppError('usage', 'This plan is not known here');
    },
  };
}
