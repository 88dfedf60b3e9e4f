import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useHandOver } from '../hooks/useHandOver.ts';

type Props = Readonly<{ icon: LucideIcon; title: string; text: string; children?: ReactNode }>;

/** A list with nothing in it says why, and what would fill it. */
export function Empty({ icon: Icon, title, text, children }: Props) {
  const ref = useHandOver<HTMLDivElement>();
  return (
    <div ref={ref} className="empty">
      <Icon className="icon" aria-hidden />
      <h2>{title}</h2>
      <p>{text}</p>
      {children && <div className="buttons">{children}</div>}
    </div>
  );
}
