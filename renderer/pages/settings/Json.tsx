import { CopyButton } from '../../components/CopyButton.tsx';

/** Text for an admin, to be read and copied. */
export function Json({ text, what }: Readonly<{ text: string; what: string }>) {
  return (
    <div className="json">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
      <pre tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
