import { printable } from '#shared/format.ts';

/** What a name keeps at its end: the extension, and the number before it. */
const END = 12;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * A name on one line, in the direction of its own script. When there is no room it is cut in its middle, as the
 * style sheet finds out: a name that has room is never in two parts, which would part letters that join.
 */
export function Name({ text }: Readonly<{ text: string }>) {
  const shown = printable(text);
  return (
    <bdi className="name" title={shown}>
      {shown.length > END * 2 && <Cut text={shown} />}
      <span className="name-whole">{shown}</span>
    </bdi>
  );
}

/** Its words stand in attributes: the name is in the page once, for whoever copies, searches or hears it. */
function Cut({ text }: Readonly<{ text: string }>) {
  const ends = Array.from(graphemes.segment(text), ({ index }) => index);
  const cut = ends[Math.max(0, ends.length - END)] ?? 0;
  return (
    <span className="name-cut" aria-hidden>
      <span className="name-start" data-text={text.slice(0, cut)} />
      <span className="name-end" data-text={text.slice(cut)} />
    </span>
  );
}
