import type { ReactNode } from 'react';

type Props = Readonly<{
  title: string;
  /** Below the title, in one sentence. */
  text: string;
  /** What the page's main button is. */
  children?: ReactNode;
}>;

/**
 * The top of a page. Its heading takes the focus when the page is opened without the rail. In its text a number
 * stays on the line of its unit.
 */
export function PageHead({ title, text, children }: Props) {
  return (
    <header className="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        <p>{text.replace(/(\d) (?=[kMGT]?B\b|bytes?\b)/g, '$1\u00a0')}</p>
      </div>
      {children}
    </header>
  );
}
