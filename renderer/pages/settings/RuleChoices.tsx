import type { LifecycleChoices } from '#shared/lifecycle.ts';
import { destinationKinds } from '#shared/recording.ts';
import { storageClasses } from '#shared/storage-class.ts';
import { useId } from 'react';
import { Select } from '../../components/Select.tsx';
import { ClassOptions } from './ClassOptions.tsx';

type Props = Readonly<{
  choices: LifecycleChoices;
  onChoices: (next: LifecycleChoices) => void;
}>;

const DAYS = [7, 14, 30, 60, 90, 180, 365, 730] as const;

/** What a person may choose of them, each in one box. */
export function RuleChoices({ choices, onChoices }: Props) {
  const { endUnfinishedAfterDays, transition, endOldVersionsAfterDays } = choices;
  const id = useId();
  const move = transition ?? { kind: 'audio', storageClass: 'STANDARD_IA', afterDays: 30 };
  return (
    <div className="form">
      <Days
        label="End uploads that were never finished"
        value={endUnfinishedAfterDays}
        onDays={(days) => onChoices({ ...choices, endUnfinishedAfterDays: days })}
      />
      <div className="form-pair">
        <div className="field">
          <label htmlFor={`${id}-to`}>Move what is stored to</label>
          <Select
            id={`${id}-to`}
            value={transition?.storageClass ?? ''}
            onChange={({ target }) => {
              const storageClass = storageClasses.find((known) => known === target.value);
              const isMoved = storageClass !== undefined && storageClass !== 'STANDARD';
              onChoices({ ...choices, transition: isMoved ? { ...move, storageClass } : null });
            }}
          >
            <option value="">Nowhere: it stays</option>
            <ClassOptions of={storageClasses.filter((known) => known !== 'STANDARD')} />
          </Select>
        </div>
        {transition !== null && (
          <>
            <div className="field">
              <label htmlFor={`${id}-in`}>What is in</label>
              <Select
                id={`${id}-in`}
                value={transition.kind}
                onChange={({ target }) => {
                  const kind = destinationKinds.find((known) => known === target.value);
                  if (kind) onChoices({ ...choices, transition: { ...transition, kind } });
                }}
              >
                {destinationKinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {kind}/
                  </option>
                ))}
              </Select>
            </div>
            <Days
              label="After"
              value={transition.afterDays}
              isNeeded
              onDays={(days) =>
                days !== null &&
                onChoices({ ...choices, transition: { ...transition, afterDays: days } })
              }
            />
          </>
        )}
      </div>
      <Days
        label="End old versions of what was deleted"
        value={endOldVersionsAfterDays}
        onDays={(days) => onChoices({ ...choices, endOldVersionsAfterDays: days })}
      />
    </div>
  );
}

type DaysProps = Readonly<{
  label: string;
  value: number | null;
  isNeeded?: boolean;
  onDays: (days: number | null) => void;
}>;

function Days({ label, value, isNeeded = false, onDays }: DaysProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        value={value ?? ''}
        onChange={({ target }) => onDays(target.value === '' ? null : Number(target.value))}
      >
        {!isNeeded && <option value="">Never</option>}
        {DAYS.map((days) => (
          <option key={days} value={days}>
            after {days} days
          </option>
        ))}
      </Select>
    </div>
  );
}
