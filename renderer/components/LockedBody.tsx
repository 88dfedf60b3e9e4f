import type { SchoolLock } from '#shared/school.ts';
import { Button } from './Button.tsx';
import { SetBySchool } from './SetBySchool.tsx';

type Props = Readonly<{ lock: SchoolLock; onClose: () => void }>;

/** In a dialog for what may not be done here: before anybody fills in anything. */
export function LockedBody({ lock, onClose }: Props) {
  return (
    <div className="dialog-form">
      <div className="dialog-body">
        <SetBySchool lock={lock} />
      </div>
      <footer className="dialog-foot">
        <Button onClick={onClose}>Close</Button>
      </footer>
    </div>
  );
}
