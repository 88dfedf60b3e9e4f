import { useId } from 'react';
import { formatClock, formatDay } from '#shared/format.ts';
import { DAY_MS } from '#shared/time.ts';
import { Select } from '../../components/Select.tsx';
import { Wrong } from '../../components/Wrong.tsx';

type Props = Readonly<{
  untilMs: number;
  nowMs: number;
  /** The longest life that a link may have. */
  longestMs: number;
  wrong: string | undefined;
  onUntil: (untilMs: number) => void;
}>;

/** A day and a half hour of it, of those that a link may last until. */
export function UntilField({ untilMs, nowMs, longestMs, wrong, onUntil }: Props) {
  const id = useId();
  const chosen = startOfDay(untilMs);
  const days = Array.from({ length: Math.ceil(longestMs / DAY_MS) + 1 }, (_, n) =>
    startOfDay(nowMs, n),
  ).filter((day) => day === chosen || timesOf(day, nowMs, longestMs).length > 0);
  // What was chosen stays in the list, also when its time has come: it is said below.
  const times = [...new Set([...timesOf(chosen, nowMs, longestMs), untilMs])].toSorted(
    (a, b) => a - b,
  );
  return (
    <div className="field link-until">
      <div className="form-pair">
        <div className="field">
          <label htmlFor={`${id}-day`}>Day</label>
          <Select
            id={`${id}-day`}
            value={chosen}
            onChange={({ target }) => {
              const offered = timesOf(Number(target.value), nowMs, longestMs);
              const same = offered.find((ms) => formatClock(ms) === formatClock(untilMs));
              onUntil(same ?? offered[0] ?? untilMs);
            }}
          >
            {days.map((day) => (
              <option key={day} value={day}>
                {dayName(day, nowMs)}
              </option>
            ))}
          </Select>
        </div>
        <div className="field">
          <label htmlFor={`${id}-time`}>Time</label>
          <Select
            id={`${id}-time`}
            value={untilMs}
            aria-invalid={wrong !== undefined}
            aria-describedby={`${id}-wrong`}
            onChange={({ target }) => onUntil(Number(target.value))}
          >
            {times.map((ms) => (
              <option key={ms} value={ms}>
                {formatClock(ms)}
              </option>
            ))}
          </Select>
        </div>
      </div>
      <Wrong id={`${id}-wrong`} text={wrong} />
    </div>
  );
}

/** Tomorrow, at the next full hour. */
export function firstUntil(nowMs: number): number {
  return new Date(nowMs).setHours(new Date(nowMs).getHours() + 25, 0, 0, 0);
}

/** @param plus Days after it. By the reader's clock: not each day has 24 hours. */
function startOfDay(ms: number, plus = 0): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + plus).getTime();
}

/** Each half hour of the day and its last minute, as far as a link may end then. */
function timesOf(day: number, nowMs: number, longestMs: number): number[] {
  const minutes = [...Array.from({ length: 48 }, (_, n) => n * 30), 24 * 60 - 1];
  return minutes
    .map((minute) => new Date(day).setHours(0, minute))
    .filter((ms) => ms >= nowMs + 60_000 && ms <= nowMs + longestMs);
}

function dayName(day: number, nowMs: number): string {
  if (day === startOfDay(nowMs)) return 'Today';
  return day === startOfDay(nowMs, 1) ? 'Tomorrow' : formatDay(day);
}
