import { useId, type ComponentProps, type ReactNode } from 'react';
import { Wrong } from './Wrong.tsx';

type Props = Omit<ComponentProps<'input'>, 'id' | 'onChange' | 'className'> &
  Readonly<{
    label: string;
    hint?: ReactNode;
    wrong?: string | undefined;
    onText: (text: string) => void;
    /** Beside the box. */
    children?: ReactNode;
  }>;

/** A labelled box with its hint, and under it what is wrong with what was typed. */
export function TextField({ label, hint, wrong, onText, children, ...rest }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-row">
        <input
          {...rest}
          id={id}
          className="input"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={wrong !== undefined}
          aria-describedby={`${id}-hint ${id}-wrong`}
          onChange={(event) => onText(event.target.value)}
        />
        {children}
      </div>
      <span className="hint" id={`${id}-hint`}>
        {hint}
      </span>
      <Wrong id={`${id}-wrong`} text={wrong} />
    </div>
  );
}
