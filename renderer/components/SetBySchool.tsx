import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { SET_BY_SCHOOL } from '#shared/school.ts';

/** At a control that an admin's file locks. */
export function SetBySchool({ children }: Readonly<{ children?: ReactNode }>) {
  return (
    <span className="set-by-school">
      <Lock className="icon" aria-hidden />
      <span>
        {children && <>{children} </>}
        {SET_BY_SCHOOL}
      </span>
    </span>
  );
}
