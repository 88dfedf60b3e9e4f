import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { count, formatTime, printable } from '#shared/format.ts';
import type { KnownPlan } from '#shared/api/migration-lists.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { filesText, planText } from '../../words/migration.ts';
import { lastPart } from '../../words/places.ts';

const PAGE = 10;

/** All plans that are known on this computer: how far each is, and which is shown. */
export function Plans({ shown }: Readonly<{ shown: string }>) {
  const pages = useInfiniteQuery({
    queryKey: ['migration-plans', 'list'],
    queryFn: ({ pageParam }) => api.listPlans({ offset: pageParam, limit: PAGE }),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const rows = all.reduce((sum, page) => sum + page.rows.length, 0);
      return last.rows.length > 0 && rows < last.total ? rows : undefined;
    },
  });
  const open = useAction((plan: string) => api.showPlan({ plan }), {
    changes: ['migration', 'migration-plans'],
  });
  if (pages.error) return <Failure error={pages.error} onRetry={pages.refetch} />;
  if (!pages.data) return <p className="muted soon">Looking for plans…</p>;
  const rows = pages.data.pages.flatMap((page) => page.rows);
  const left = (pages.data.pages.at(-1)?.total ?? 0) - rows.length;
  return (
    <section className="plans" aria-labelledby="plans">
      <h3 id="plans">Plans on this computer</h3>
      <ul>
        {rows.map((plan) => (
          <li key={plan.id} aria-current={plan.id === shown || undefined}>
            <Plan plan={plan} />
            {plan.id === shown ? (
              <span className="hint">Shown here</span>
            ) : (
              <Button
                isSmall
                aria-label={`Show the plan of ${printable(plan.root)}, made ${formatTime(Date.parse(plan.madeAt))}`}
                isBusy={open.isPending}
                onClick={() => open.mutate(plan.id)}
              >
                Show
              </Button>
            )}
          </li>
        ))}
      </ul>
      {pages.hasNextPage && (
        <div className="buttons">
          <Button
            isSmall
            isBusy={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            Show more ({count(left, 'plan')})
          </Button>
        </div>
      )}
      {open.error && <Failure error={open.error} />}
    </section>
  );
}

function Plan({ plan }: Readonly<{ plan: KnownPlan }>) {
  const { id, root, madeAt, files, bytes } = plan;
  const { data, error } = useQuery({
    queryKey: ['migration-plans', 'standing', id],
    queryFn: () => api.getPlanStanding({ plan: id }),
  });
  const standing = data?.standing;
  return (
    <div>
      <p className="check-title plan-name">{printable(lastPart(root))}</p>
      <p className="hint plan-name">{printable(root)}</p>
      <p className="hint">
        Made {formatTime(Date.parse(madeAt))} · {filesText({ files, bytes })}
      </p>
      <p className="plan-state">
        {standing
          ? planText(plan, standing)
          : error
            ? 'How far it is cannot be told now.'
            : 'Looking how far it is…'}
      </p>
    </div>
  );
}
