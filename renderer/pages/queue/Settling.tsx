import { Disc3, HardDrive, type LucideIcon } from 'lucide-react';
import type { StatusView } from '#shared/api.ts';
import { count } from '#shared/format.ts';
import { Name } from '../../components/Name.tsx';
import { settlingWords } from '../../words/states.ts';

const SHOWN = 2;

type Files = StatusView['settling'];

/** Files that are not in the queue yet, because they still grow, or because nothing more can be written down. */
export function Settling({ files }: Readonly<{ files: Files }>) {
  const { grow = [], space = [] } = Object.groupBy(files, ({ why }) =>
    why === 'space' ? why : 'grow',
  );
  return (
    <>
      <Waiting
        icon={Disc3}
        title="Still being recorded or copied"
        text="Waits until it is finished, then goes up by itself."
        files={grow}
      />
      <Waiting
        icon={HardDrive}
        title="Waiting for disk space"
        text="No longer changes. Goes up by itself as soon as there is space."
        files={space}
      />
    </>
  );
}

type WaitingProps = Readonly<{ icon: LucideIcon; title: string; text: string; files: Files }>;

function Waiting({ icon: Icon, title, text, files }: WaitingProps) {
  if (files.length === 0) return null;
  const rest = files.slice(SHOWN);
  return (
    <section className="note" aria-label={title}>
      <Icon className="icon" aria-hidden />
      <div className="note-text">
        <strong>{title}</strong>
        <p>{text}</p>
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
