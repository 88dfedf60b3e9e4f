import { Lock } from 'lucide-react';
import { lockedText } from '#shared/school.ts';
import { useStatus } from '../hooks/useStatus.ts';

/** At a control that an admin's file locks, or, with `what` it locks, in its place. */
export function SetBySchool({ what }: Readonly<{ what?: string }>) {
  const isDamaged = useStatus().data?.school?.isDamaged;
  return (
    <span className="set-by-school">
      <Lock className="icon" aria-hidden />
      <span>{what === undefined ? 'Set by your school' : lockedText(what, isDamaged)}</span>
    </span>
  );
}
