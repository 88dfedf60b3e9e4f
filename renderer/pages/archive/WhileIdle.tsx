import type { ReactNode } from 'react';
import type { MigrationView } from '#shared/api/migration-view.ts';
import { useHandOver } from '../../hooks/useHandOver.ts';

type Props = Readonly<{ migration: MigrationView; children: ReactNode }>;

/** Out of sight while something goes on, and afterwards as it was filled in: what failed is asked for again. */
export function WhileIdle({ migration, children }: Props) {
  const isBusy = migration.working !== null;
  const ref = useHandOver<HTMLDivElement>(isBusy);
  return (
    <div hidden={isBusy} ref={ref}>
      {children}
    </div>
  );
}
