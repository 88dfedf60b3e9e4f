import type { ReactNode } from 'react';
import { Button } from './Button.tsx';

type Props = Readonly<{
  verb: string;
  /** What it does cannot be taken back. */
  isFinal?: boolean;
  /** What is filled in can be sent: nothing is, before. */
  isReady: boolean;
  isBusy: boolean;
  closeVerb?: 'Cancel' | 'Close';
  /** In its foot, before the two buttons. */
  aside?: ReactNode;
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
}>;

/** What a dialog asks for, and the foot that leaves it or sends it. */
export function DialogForm(props: Props) {
  const { isReady, closeVerb = 'Cancel' } = props;
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) props.onSubmit();
      }}
    >
      <div className="dialog-body">{props.children}</div>
      <footer className="dialog-foot">
        {props.aside}
        <Button onClick={props.onClose}>{closeVerb}</Button>
        <Button
          look={props.isFinal ? 'danger-main' : 'main'}
          type="submit"
          disabled={!isReady}
          isBusy={props.isBusy}
        >
          {props.verb}
        </Button>
      </footer>
    </form>
  );
}
