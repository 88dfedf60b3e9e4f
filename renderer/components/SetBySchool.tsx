import { Lock } from 'lucide-react';
import { lockedText, lockText, type SchoolLock } from '#shared/school.ts';
import { useStatus } from '../hooks/useStatus.ts';

/** At a control that an admin's file locks, with `what` it sets there; or, with `lock`, in its place. */
export function SetBySchool({ what, lock }: Readonly<{ what?: string; lock?: SchoolLock }>) {
  const school = useStatus().data?.school;
  const text = lock ? lockText(school, lock) : what && lockedText(what, school?.help);
  return (
    <span className="set-by-school">
      <Lock className="icon" aria-hidden />
      <span>{text ?? 'Set by your school'}</span>
    </span>
  );
}
