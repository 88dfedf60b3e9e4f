import { commandLines, type Shown } from '#shared/command-line.ts';
import { useConnection } from '../hooks/useConnection.ts';
import { Copyable } from './Copyable.tsx';

/** The same without a window, for whoever helps on the phone. Nothing where no line does the same. */
export function ShowCommand({ of }: Readonly<{ of: Shown }>) {
  const { data } = useConnection();
  const lines = data ? commandLines(of, data) : [];
  if (lines.length === 0) return null;
  return (
    <details className="show-command">
      <summary>Show the command</summary>
      <p className="hint">
        For a shell such as bash. No keys are in it: the shell needs its own, in its environment or
        as a profile. The installed app has no <code>pansea-sync</code>: in a checkout of its source{' '}
        <code>npm run --silent cli --</code> stands for it.
      </p>
      <ul className="command-lines">
        {lines.map(({ does, line }) => (
          <li key={does}>
            <p className="hint">{does}</p>
            <Copyable text={line} what={`Command: ${does}`} />
          </li>
        ))}
      </ul>
    </details>
  );
}
