import { printable } from '#shared/format.ts';

/** What a name keeps at its end: the extension, and the number before it. */
const END = 12;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A name on one line. When there is no room it is cut in its middle; the whole is in the title and for screen readers. */
export function Name({ text }: Readonly<{ text: string }>) {
  const shown = printable(text);
  if (shown.length <= END * 2)
    return (
      <span className="name" title={shown}>
        <span className="name-start">{shown}</span>
      </span>
    );
  const ends = Array.from(graphemes.segment(shown), ({ index }) => index);
  const cut = ends[Math.max(0, ends.length - END)] ?? 0;
  return (
    <span className="name" title={shown}>
      <span className="unseen">{shown}</span>
      <span className="name-start" aria-hidden>
        {shown.slice(0, cut)}
      </span>
      <span className="name-end" aria-hidden>
        {shown.slice(cut)}
      </span>
    </span>
  );
}
