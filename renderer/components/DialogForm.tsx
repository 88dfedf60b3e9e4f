import type { ReactNode } from 'react';

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
        <button type="button" className="button" onClick={props.onClose}>
          {closeVerb}
        </button>
        <button
          type="submit"
          className={`button ${props.isFinal ? 'button-danger-main' : 'button-main'}`}
          disabled={!isReady}
          aria-disabled={props.isBusy}
        >
          {props.verb}
        </button>
      </footer>
    </form>
  );
}
