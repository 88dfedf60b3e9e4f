import { CircleCheck, X } from 'lucide-react';
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { Button } from './Button.tsx';
import { useFading } from '../hooks/useFading.ts';
import { useHasDialog } from '../hooks/useOpenDialogs.ts';

type Notices = Readonly<{
  /** Shows and says that something the person asked for is done. */
  show: (text: string) => void;
  /** Says a milestone without showing it: the page shows it already. */
  say: (text: string) => void;
}>;

const Context = createContext<Notices>({ show: () => {}, say: () => {} });

export const useNotices = (): Notices => useContext(Context);

/** What is done, and milestones: the one place that is read out beside a `Trouble`. */
export function NoticeProvider({ children }: Readonly<{ children: ReactNode }>) {
  // Under a dialog's veil it is neither read nor pressed.
  const [notice, show, hold] = useFading(8_000, useHasDialog());
  const [said, say] = useFading(8_000);
  const notices = useMemo(() => ({ show, say }), [show, say]);
  return (
    <Context value={notices}>
      {children}
      <div className="notice">
        <div role="status" aria-live="polite">
          {said !== '' && <span className="unseen">{said}</span>}
          {notice !== '' && (
            <div
              className="notice-card"
              onPointerEnter={() => hold(true)}
              onPointerLeave={({ currentTarget }) =>
                hold(currentTarget.contains(document.activeElement))
              }
              onFocus={() => hold(true)}
              onBlur={({ currentTarget }) => hold(currentTarget.matches(':hover'))}
            >
              <CircleCheck className="icon" aria-hidden />
              <p>{notice}</p>
              <Button
                look="plain"
                isSmall
                className="button-icon"
                aria-label="Dismiss"
                onClick={() => show('')}
              >
                <X className="icon" aria-hidden />
              </Button>
            </div>
          )}
        </div>
      </div>
    </Context>
  );
}
