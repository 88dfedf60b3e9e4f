import type { ComponentProps, KeyboardEvent } from 'react';

/** A box to choose one thing from, with its list drawn as in `inputs.css`. */
export function Select(props: Omit<ComponentProps<'select'>, 'className' | 'onKeyDown'>) {
  return <select className="input" onKeyDown={keepEscape} {...props} />;
}

const knowsOpen = CSS.supports('selector(:open)');

/** Escape closes the list, and not the dialog that it is in. */
function keepEscape(event: KeyboardEvent<HTMLSelectElement>): void {
  if (event.key === 'Escape' && knowsOpen && event.currentTarget.matches(':open'))
    event.stopPropagation();
}
