import { Search } from 'lucide-react';

type Props = Readonly<{
  /** What is searched. */
  label: string;
  placeholder: string;
  value: string;
  onText: (text: string) => void;
}>;

/** Above a list: which of its rows are shown. */
export function SearchField({ label, placeholder, value, onText }: Props) {
  return (
    <label className="search">
      <Search className="icon" aria-hidden />
      <span className="unseen">{label}</span>
      <input
        className="input"
        type="search"
        placeholder={placeholder}
        value={value}
        maxLength={200}
        onChange={(event) => onText(event.target.value)}
      />
    </label>
  );
}
