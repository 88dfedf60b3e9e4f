import type { SchoolLock } from '#shared/school.ts';
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
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </footer>
    </div>
  );
}
