import { useId, useState } from 'react';
import { leastAge, movable, moveOf, moveTargets, moveText } from '#shared/cost/cost.ts';
import type { Tariff } from '#shared/cost/prices.ts';
import { ageDays, type AgeDays, type StoredView } from '#shared/cost/stored.ts';
import { count, formatBytes } from '#shared/format.ts';
import type { StorageClass } from '#shared/storage-class.ts';
import { Select } from '../../components/Select.tsx';
import { ClassNotes } from './ClassNotes.tsx';
import { ClassOptions } from './ClassOptions.tsx';

type Props = Readonly<{ stored: StoredView; tariff: Tariff }>;

/** What a rule of the bucket would save: reckoned, not made. */
export function CostMove({ stored, tariff }: Props) {
  const id = useId();
  const [target, setTarget] = useState<StorageClass | null>(null);
  const [days, setDays] = useState<AgeDays>(90);
  const chosen = target && movable(stored, target, days);
  const move = target && chosen && moveOf(chosen.sums, target, tariff);
  return (
    <div className="form">
      <div className="form-pair">
        <div className="field">
          <label htmlFor={`${id}-to`}>What would it save to move recordings</label>
          <Select
            id={`${id}-to`}
            value={target ?? ''}
            onChange={({ target: { value } }) =>
              setTarget(moveTargets.find((name) => name === value) ?? null)
            }
          >
            <option value="">Nowhere: they stay</option>
            <ClassOptions of={moveTargets} />
          </Select>
        </div>
        {target && chosen && (
          <div className="field">
            <label htmlFor={`${id}-age`}>That were stored</label>
            <Select
              id={`${id}-age`}
              value={chosen.days}
              onChange={({ target: { value } }) =>
                setDays(ageDays.find((one) => String(one) === value) ?? 0)
              }
            >
              {ageDays
                .filter((one) => one >= leastAge(target))
                .map((one) => (
                  <option key={one} value={one}>
                    {one === 0 ? 'at any time' : `at least ${one} days ago`}
                  </option>
                ))}
            </Select>
          </div>
        )}
      </div>
      {target && move && (
        <div className="cost-move" aria-live="polite">
          <p>
            {count(move.objects, 'file')}, {formatBytes(move.bytes)}. {moveText(move)}
          </p>
          <ClassNotes of={target} />
          {move.objects > 0 && (
            <p className="hint">
              A rule of the bucket moves them: Connection, “Set up the bucket, for its admin”.
            </p>
          )}
        </div>
      )}
    </div>
  );
}
