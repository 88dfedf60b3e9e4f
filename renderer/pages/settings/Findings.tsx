import { useInfiniteQuery } from '@tanstack/react-query';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { auditReasons, isRefuted, type Refuted } from '#shared/audit.ts';
import { formatNumber } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Name } from '../../components/Name.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import type { Group } from '../../words/audits.ts';
import { tellError } from '../../words/failures.ts';
import { SettleGone } from './SettleGone.tsx';

const PAGE = 20;

type Props = Readonly<{
  group: Group;
  /** Another audit's list is another list. */
  auditedAtMs: number;
  look: Readonly<{ icon: LucideIcon; tone: string }>;
  /** What nobody has decided about yet. */
  open: Refuted;
}>;

/** So many of one kind, what to do about them, and which they are when somebody wants to know. */
export function Findings({ group, auditedAtMs, look, open }: Props) {
  const { reason, files, weight } = group;
  const { title, todo } = auditReasons[reason];
  const left = isRefuted(reason) ? (open[reason] ?? 0) : files;
  const [isOpen, setOpen] = useState(weight === 'look');
  // What others stored is in the Library, with more than a name.
  const hasList = reason !== 'only-in-bucket';
  const { icon: Icon, tone } = look;
  return (
    <li className={`audit-group state-${tone}`}>
      <Icon className="icon" aria-hidden />
      <div>
        <p className="check-title">
          <span className="num">{formatNumber(files)}</span> · {title}
        </p>
        <p className="hint">{left === 0 ? 'Somebody has seen to it since.' : todo}</p>
        {isRefuted(reason) && left > 0 && <SettleGone reason={reason} files={left} />}
        {hasList && (
          <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary aria-label={`Show which: ${title}`}>Show which</summary>
            {isOpen && <Names reason={reason} auditedAtMs={auditedAtMs} />}
          </details>
        )}
      </div>
    </li>
  );
}

function Names({ reason, auditedAtMs }: Pick<Props, 'auditedAtMs'> & Pick<Group, 'reason'>) {
  const pages = useInfiniteQuery({
    queryKey: ['audit-findings', auditedAtMs, reason],
    queryFn: ({ pageParam }) => api.listAuditFindings({ reason, offset: pageParam, limit: PAGE }),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const shown = all.reduce((sum, { rows }) => sum + rows.length, 0);
      return last.rows.length > 0 && shown < last.total ? shown : undefined;
    },
  });
  if (pages.error) return <Trouble telling={tellError(pages.error)} />;
  if (!pages.data) return <p className="muted soon">Looking…</p>;
  const rows = pages.data.pages.flatMap((page) => page.rows);
  const left = (pages.data.pages.at(-1)?.total ?? 0) - rows.length;
  return (
    <>
      <ul className="audit-names">
        {rows.map(({ name, where, detail }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the list of one audit never changes its order
          <li key={index}>
            <Name text={name} />
            <span className="hint">
              <Name text={where} />
            </span>
            {detail !== null && <p className="hint">{detail}</p>}
          </li>
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button
          isSmall
          isBusy={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show more ({formatNumber(left)} left)
        </Button>
      )}
    </>
  );
}
