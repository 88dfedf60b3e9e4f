import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ApiOutput, RuleInput } from '#shared/api.ts';
import { count, formatBytes, printable, withCapital } from '#shared/format.ts';
import { api } from '../../api.ts';
import { Name } from '../../components/Name.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useDebounced } from '../../hooks/useDebounced.ts';
import { tellError } from '../../words/failures.ts';

const SHOWN = 6;

type Props = Readonly<{
  path: string;
  rule: RuleInput;
  /** What has to be done first, such as `fill in the user`; empty when nothing has to. */
  first: string;
}>;

/** What the folder holds now, and where in the bucket each file would go. */
export function KeyPreview({ path, rule, first }: Props) {
  const isRight = first === '';
  const asked = useDebounced(
    useMemo(() => ({ path, rule, isRight }), [path, rule, isRight]),
    350,
  );
  const { data, error } = useQuery({
    queryKey: ['preview', asked.path, asked.rule],
    queryFn: () => api.previewFolder({ path: asked.path, rule: asked.rule }),
    enabled: asked.isRight && isRight,
    placeholderData: keepPreviousData,
  });
  const least = data?.isCutOff ? 'at least ' : '';
  return (
    <section className="preview" aria-label="Preview">
      <h3>Preview</h3>
      {!isRight ? (
        <p className="hint">To see where its files would go, {first}.</p>
      ) : error ? (
        <Trouble telling={tellError(error)} />
      ) : data === undefined ? (
        <p className="hint">Looking into the folder…</p>
      ) : (
        <>
          <p className="hint">
            {data.total === 0
              ? 'There is no file in it now that would be uploaded.'
              : `${withCapital(`${least}${count(data.total, 'file')}`)} now. Each gets an id of its own when it goes up.`}
          </p>
          <Files of={data.files.slice(0, SHOWN)} />
          {data.files.length > SHOWN && (
            <details>
              <summary>
                and {least}
                {count(data.total - SHOWN, 'more file')}
              </summary>
              <Files of={data.files.slice(SHOWN)} />
              {data.total > data.files.length && (
                <p className="hint">The first {data.files.length} are shown.</p>
              )}
            </details>
          )}
          {data.skipped.length > 0 && (
            <details>
              <summary>
                {least && withCapital(least)}
                {count(data.leftOut, 'file')} left out
              </summary>
              <ul className="preview-files">
                {data.skipped.map(({ name, reason }) => (
                  <li key={name}>
                    <Name text={name} />
                    <span className="hint">{reason}</span>
                  </li>
                ))}
              </ul>
              {data.leftOut > data.skipped.length && (
                <p className="hint">The first {data.skipped.length} are shown.</p>
              )}
            </details>
          )}
        </>
      )}
    </section>
  );
}

function Files({ of }: Readonly<{ of: ApiOutput<'previewFolder'>['files'] }>) {
  return (
    of.length > 0 && (
      <ul className="preview-files">
        {of.map(({ name, sizeBytes, key, kept, storedIn }) => (
          <li key={name}>
            <Name text={name} />
            <span className="faint num">{formatBytes(sizeBytes)}</span>
            {storedIn !== null ? (
              <span className="hint">Stored in {storedIn} already, and stays there</span>
            ) : kept !== null || key === null ? (
              <span className="wrong-soft">
                {kept === null ? 'Waits for a class' : `Waits for you. ${kept}`}
              </span>
            ) : (
              <code>{printable(key).replace('{uuid}', '[id]')}</code>
            )}
          </li>
        ))}
      </ul>
    )
  );
}
