import { CopyButton } from './CopyButton.tsx';

/** Text for an admin, or for who is asked on the phone: to be read and copied. `what`: in words, such as `Policy`. */
export function Copyable({ text, what }: Readonly<{ text: string; what: string }>) {
  return (
    <div className="copyable" dir="ltr">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
      <pre tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
