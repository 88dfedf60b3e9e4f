import type { ReactNode } from 'react';

/** One line of a `dl`. */
export function Fact({ term, children }: Readonly<{ term: string; children: ReactNode }>) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}
