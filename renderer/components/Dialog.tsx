/** @file The two kinds of dialog: one to work in, one that asks before something is lost. */
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { useRef, type ReactNode } from 'react';
import { Button } from './Button.tsx';
import { useCountedDialog } from '../hooks/useOpenDialogs.ts';
import { pageHeading } from '../hooks/useView.ts';

type Props = Readonly<{
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}>;
/** Where the focus goes when it closes; null, or nothing said: to where it was. */
type FocusProps = Readonly<{ finalFocus?: () => HTMLElement | null }>;

/** `children` bring a `.dialog-body` and a `.dialog-foot`; where there is something to send, in a `DialogForm`. */
export function Dialog(props: Props & FocusProps) {
  const { isOpen, onClose, title, description, isWide = false, children } = props;
  const popup = useRef<HTMLDivElement>(null);
  useCountedDialog(isOpen);
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="veil" />
        <BaseDialog.Popup
          ref={popup}
          className={isWide ? 'dialog dialog-wide' : 'dialog'}
          initialFocus={() => pastReadOnly(popup.current) ?? true}
          finalFocus={props.finalFocus}
        >
          <header className="dialog-head">
            <BaseDialog.Title>{title}</BaseDialog.Title>
            {description && <BaseDialog.Description>{description}</BaseDialog.Description>}
          </header>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** What is to be decided first, where a dialog begins with a box that can only be read: Enter does nothing in it. */
function pastReadOnly(popup: HTMLElement | null): HTMLElement | undefined {
  const stops = popup?.querySelectorAll<HTMLElement>(
    'input:not([type="radio"]:not(:checked)), select, textarea, button',
  );
  const [first, ...rest] = stops ?? [];
  if (!(first instanceof HTMLInputElement && first.readOnly)) return undefined;
  const row = first.parentElement;
  return first.value === '' ? rest[0] : rest.find((stop) => !row?.contains(stop));
}

type AskProps = Props &
  Readonly<{
    verb: string;
    /** Nothing is lost by it. */
    isHarmless?: boolean;
    isBusy: boolean;
    onConfirm: () => void;
    failure?: ReactNode;
  }>;

/**
 * Nothing is lost by Escape, Enter or a stray click: the first stop is Cancel. The focus goes back to where it
 * was, or to the page's heading where that was done which takes its opener away.
 */
export function Ask(props: AskProps) {
  const { isOpen, onClose, title, description, verb, isBusy, onConfirm, failure, children } = props;
  const isDone = useRef(false);
  useCountedDialog(isOpen);
  return (
    <AlertDialog.Root
      open={isOpen}
      onOpenChange={(open) => {
        isDone.current = false;
        if (!open) onClose();
      }}
    >
      <AlertDialog.Portal>
        {/* Above another dialog, too: without it, the two read as one. */}
        <AlertDialog.Backdrop className="veil" forceRender />
        <AlertDialog.Popup
          className="dialog"
          finalFocus={() => (isDone.current && pageHeading()) || true}
        >
          <header className="dialog-head">
            <AlertDialog.Title>{title}</AlertDialog.Title>
            <AlertDialog.Description>{description}</AlertDialog.Description>
          </header>
          <div className="dialog-body">
            {children}
            {failure}
          </div>
          <footer className="dialog-foot">
            <AlertDialog.Close className="button">Cancel</AlertDialog.Close>
            <Button
              look={props.isHarmless ? 'main' : 'danger-main'}
              isBusy={isBusy}
              onClick={() => {
                isDone.current = true;
                onConfirm();
              }}
            >
              {verb}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
