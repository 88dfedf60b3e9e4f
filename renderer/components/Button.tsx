import type { ComponentProps } from 'react';

type Props = Omit<ComponentProps<'button'>, 'aria-disabled'> &
  Readonly<{
    /** What the page or dialog is for (`main`), what takes something away, or what looks like text. */
    look?: 'main' | 'danger' | 'danger-main' | 'plain' | undefined;
    /** In a row of a list, or below a line of text. */
    isSmall?: boolean;
    /**
     * Pressing it does nothing for now, mostly as what it began is not done. It says so by `aria-disabled`, since
     * `disabled` would take the focus away from whoever has just pressed it.
     */
    isBusy?: boolean | undefined;
  }>;

/** Each button of the window, but for tabs, rows and parts of fields. In a form it sends it with `type="submit"` only. */
export function Button(props: Props) {
  const {
    look,
    isSmall = false,
    isBusy = false,
    type = 'button',
    className,
    onClick,
    ...rest
  } = props;
  const classes = ['button', look && `button-${look}`, isSmall && 'button-small', className];
  return (
    <button
      {...rest}
      type={type}
      className={classes.filter(Boolean).join(' ')}
      aria-disabled={isBusy || undefined}
      onClick={(event) => (isBusy ? event.preventDefault() : onClick?.(event))}
    />
  );
}
