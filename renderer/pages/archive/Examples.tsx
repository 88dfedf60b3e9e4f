/** @file What a person writes before a plan is made, to copy and to go on from. */
import type { ReactNode } from 'react';
import { MAPPING_TEMPLATE, TIMETABLE_TEMPLATE } from '#shared/migration/templates.ts';
import { CopyButton } from '../../components/CopyButton.tsx';

export function MappingExample() {
  return (
    <Example what="mapping" text={MAPPING_TEMPLATE}>
      A path is below the archive’s folder: a file, a folder for all that is in it, a pattern, or
      after re: a regular expression, whose groups may stand in the other columns. The last two
      columns may be missing. A file without a line is not sent, and keeps no other from it.
    </Example>
  );
}

export function TimetableExample() {
  return (
    <Example what="timetable" text={TIMETABLE_TEMPLATE}>
      Let a lesson end as late as its recordings do. From, to and path, a folder such as a room’s,
      may be empty or missing. A recording that is in no lesson, or in those of two classes, is not
      sent, and keeps no other from it.
    </Example>
  );
}

function Example({
  what,
  text,
  children,
}: Readonly<{ what: string; text: string; children: ReactNode }>) {
  return (
    <details>
      <summary>What a {what} looks like</summary>
      <div className="json">
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
        <pre tabIndex={0} role="region" aria-label={`Example of a ${what}`}>
          {text}
        </pre>
        <CopyButton text={text} what="Example" />
      </div>
      <p className="hint">{children}</p>
    </details>
  );
}
