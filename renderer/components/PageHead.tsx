import type { ReactNode } from 'react';

type Props = Readonly<{
  title: string;
  /** Below the title, in one sentence. */
  text: string;
  /** What the page's main button is. */
  children?: ReactNode;
}>;

/** The top of a page. Its heading takes the focus when the page is opened without the rail. */
export function PageHead({ title, text, children }: Props) {
  return (
    <header className="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        <p>{text}</p>
      </div>
      {children}
    </header>
  );
}
