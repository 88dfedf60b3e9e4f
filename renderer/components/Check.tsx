type Props = Readonly<{
  words: string;
  hint: string;
  isOn: boolean;
  /** Nobody changes it here; its hint says why. */
  isFixed?: boolean;
  onChange: (isOn: boolean) => void;
}>;

/** A box to tick, and what comes of that. */
export function Check({ words, hint, isOn, isFixed = false, onChange }: Props) {
  return (
    <label className="choice">
      <input
        type="checkbox"
        checked={isOn}
        disabled={isFixed}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {words}
        <span className="hint">{hint}</span>
      </span>
    </label>
  );
}
