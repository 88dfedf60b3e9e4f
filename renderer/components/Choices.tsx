import type { ReactNode } from 'react';

type Choice<T> = Readonly<{ value: T; words: ReactNode; hint?: string }>;
type Props<T> = Readonly<{
  /** One for each list of a page. */
  name: string;
  /** One after the other, one below the other, or all of the same width. */
  layout?: 'row' | 'stack' | 'even';
  choices: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
}>;

const classes = { row: 'choices', stack: 'choices choices-stack', even: 'choices choices-even' };

/** One of a few things, all of them in sight. What it is about says a `legend` around it. */
export function Choices<T extends string | number>(props: Props<T>) {
  const { name, layout = 'row', choices, value, onChange } = props;
  return (
    <div className={classes[layout]}>
      {choices.map((choice) => (
        <label className="choice" key={choice.value}>
          <input
            type="radio"
            name={name}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.hint === undefined ? (
            choice.words
          ) : (
            <span>
              {choice.words}
              <span className="hint">{choice.hint}</span>
            </span>
          )}
        </label>
      ))}
    </div>
  );
}
