import type { StatusView } from '#shared/api.ts';
import type { StepState } from '#shared/migration/migration-steps.ts';
import type { MigrationView, PlanView } from '#shared/api/migration-view.ts';

export type StepProps = Readonly<{
  migration: MigrationView;
  plan: PlanView | null;
  state: StepState;
  can: StatusView['can'];
}>;
