type Props = Readonly<{
  words: string;
  hint: string;
  isOn: boolean;
  /** Nobody changes it here; its hint says why. */
  isFixed?: boolean;
  /** Its form is not sent without it. */
  isNeeded?: boolean;
  onChange: (isOn: boolean) => void;
}>;

/** A box to tick, and what comes of that. */
export function Check({ words, hint, isOn, isFixed, isNeeded, onChange }: Props) {
  return (
    <label className="choice">
      <input
        type="checkbox"
        checked={isOn}
        disabled={isFixed}
        required={isNeeded}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {words}
        <span className="hint">{hint}</span>
      </span>
    </label>
  );
}
