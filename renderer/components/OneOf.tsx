import { useId } from 'react';
import { Select } from './Select.tsx';

type Props<T extends string> = Readonly<{
  label: string;
  /** Where the choices say themselves what they are about. */
  isLabelUnseen?: boolean;
  /** In the order in which they are shown. */
  options: Readonly<Record<T, string>>;
  value: T;
  onChange: (value: T) => void;
}>;

/** One of a few things, by their names. */
export function OneOf<T extends string>(props: Props<T>) {
  const { label, isLabelUnseen = false, options, value, onChange } = props;
  const id = useId();
  const known = Object.keys(options) as T[];
  return (
    <div className="field one-of">
      <label htmlFor={id} className={isLabelUnseen ? 'unseen' : undefined}>
        {label}
      </label>
      <Select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = known.find((one) => one === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {known.map((one) => (
          <option key={one} value={one}>
            {options[one]}
          </option>
        ))}
      </Select>
    </div>
  );
}
