import { useState, type KeyboardEvent } from 'react';
import {
  hourLevels,
  levelOfHour,
  weekDays,
  weekText,
  withLevel,
  type HourLevel,
} from '#shared/upload-week.ts';
import { Choices } from '../../components/Choices.tsx';

const dayNames: Record<(typeof weekDays)[number], string> = {
  Mon: 'Monday',
  Tue: 'Tuesday',
  Wed: 'Wednesday',
  Thu: 'Thursday',
  Fri: 'Friday',
  Sat: 'Saturday',
  Sun: 'Sunday',
};
const hours = Array.from({ length: 24 }, (_, hour) => hour);
const levelNames: Record<HourLevel, string> = {
  full: 'Full speed',
  limited: 'Limited',
  off: 'Off',
};
/** Beside their colour. */
const signs: Record<HourLevel, string> = { full: '', limited: '½', off: '×' };
const levels = hourLevels.map((value) => ({
  value,
  words: (
    <>
      <span className={`week-hour week-${value}`} aria-hidden>
        {signs[value]}
      </span>
      {levelNames[value]}
    </>
  ),
}));

const steps: Readonly<Record<string, readonly [day: number, hour: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

type Hour = Readonly<{ day: number; hour: number }>;
type Props = Readonly<{ week: string; onChange: (week: string) => void }>;

/** The hours of a week, one row a day. A level is chosen first, then given to hours: by click, drag, or keys. */
export function UploadWeek({ week, onChange }: Props) {
  const [level, setLevel] = useState<HourLevel>('off');
  const [current, setCurrent] = useState<Hour>({ day: 0, hour: 8 });
  /** Where the block of hours began that is being marked, and the week before it. */
  const [block, setBlock] = useState<(Hour & { week: string }) | null>(null);

  function mark(to: Hour, from: (Hour & { week: string }) | null): void {
    const start = from ?? { ...to, week };
    setBlock(start);
    setCurrent(to);
    onChange(withLevel(start.week, level, start, to));
  }

  function onKey(event: KeyboardEvent<HTMLElement>, at: Hour): void {
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      return mark(at, null);
    }
    const [days, some] = steps[event.key] ?? [0, 0];
    if (days === 0 && some === 0) return;
    event.preventDefault();
    const to = { day: clamp(at.day + days, weekDays), hour: clamp(at.hour + some, hours) };
    if (event.shiftKey) mark(to, block ?? { ...at, week });
    else setBlock(null);
    setCurrent(to);
    const grid = event.currentTarget.closest('.week-grid');
    grid?.querySelector<HTMLElement>(`[data-hour="${to.day}-${to.hour}"]`)?.focus();
  }

  const others = weekText(week).replaceAll('-', '–');
  return (
    <div className="week">
      <fieldset className="week-levels">
        <legend className="legend">Mark hours as</legend>
        <Choices name="week-level" choices={levels} value={level} onChange={setLevel} />
      </fieldset>
      <div className="week-scroll">
        <div
          role="grid"
          className="week-grid"
          aria-label="Hours of the week"
          aria-describedby="week-keys week-text"
        >
          <div role="row" className="week-row">
            <span role="columnheader">
              <span className="unseen">Day</span>
            </span>
            {hours.map((hour) => (
              <span role="columnheader" key={hour} className="num">
                <span className={hour % 3 === 0 ? undefined : 'unseen'}>{hour}</span>
              </span>
            ))}
          </div>
          {weekDays.map((name, day) => (
            <div role="row" className="week-row" key={name}>
              <span role="rowheader">{name}</span>
              {hours.map((hour) => {
                const now = levelOfHour(week, day, hour);
                const isCurrent = current.day === day && current.hour === hour;
                return (
                  <span
                    key={hour}
                    role="gridcell"
                    data-hour={`${day}-${hour}`}
                    className={`week-hour week-${now}`}
                    tabIndex={isCurrent ? 0 : -1}
                    aria-label={`${dayNames[name]} ${hour} to ${hour + 1}: ${levelNames[now]}`}
                    onKeyDown={(event) => onKey(event, { day, hour })}
                    onPointerDown={(event) => event.button === 0 && mark({ day, hour }, null)}
                    onPointerEnter={(event) => event.buttons === 1 && mark({ day, hour }, block)}
                  >
                    {signs[now]}
                  </span>
                );
              })}
            </div>
          ))}
        </div>
      </div>
      <p className="hint" id="week-keys">
        Click or drag over hours. With the keyboard: arrow keys, the space bar to mark one, Shift
        and arrow keys to mark several.
      </p>
      <p id="week-text">
        {others === '' ? 'All hours are at full speed.' : `${others}. All other hours: full speed.`}
      </p>
    </div>
  );
}

const clamp = (at: number, of: readonly unknown[]): number =>
  Math.min(of.length - 1, Math.max(0, at));
