import { Disc3 } from 'lucide-react';
import type { StatusView } from '#shared/api.ts';
import { count } from '#shared/format.ts';
import { Name } from '../../components/Name.tsx';
import { settlingWords } from '../../words/states.ts';

const SHOWN = 2;

type Files = StatusView['settling'];

/** Files that are not in the queue yet, because they still grow. */
export function Settling({ files }: Readonly<{ files: Files }>) {
  if (files.length === 0) return null;
  const rest = files.slice(SHOWN);
  return (
    <section className="note" aria-label="Still being recorded or copied">
      <Disc3 className="icon" aria-hidden />
      <div className="note-text">
        <strong>Still being recorded or copied</strong>
        <p>Waits until it is finished, then goes up by itself.</p>
        <FileList files={files.slice(0, SHOWN)} />
        {rest.length > 0 && (
          <details>
            <summary>{count(rest.length, 'more file')}</summary>
            <FileList files={rest.slice(0, 200)} />
          </details>
        )}
      </div>
    </section>
  );
}

function FileList({ files }: Readonly<{ files: Files }>) {
  return (
    <ul className="settling">
      {files.map((file) => (
        <li key={`${file.folder}/${file.name}`}>
          <Name text={file.name} />
          <span className="faint num">{settlingWords(file)}</span>
        </li>
      ))}
    </ul>
  );
}
