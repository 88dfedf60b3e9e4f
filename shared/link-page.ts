/** @file A page with a link to each of several files, which a person sends: plain HTML that loads and runs nothing. */
import { count, formatBytes, formatDeadline, isoTime, printable } from './format.ts';
import { MAY_END_SOONER } from './link.ts';

type LinkedFile = Readonly<{
  name: string;
  sizeBytes: number;
  url: string;
  /** Unix milliseconds. */
  expiresAtMs: number;
  mayEndSooner: boolean;
}>;

/** So many files at most have their links on one page. */
export const MAX_PAGE_FILES = 100;

/** @param timeZone Of whoever makes it, such as `Asia/Singapore`: each time names it. */
export function linkPage(files: readonly LinkedFile[], timeZone: string): string {
  const title = count(files.length, 'recording');
  const mayEndSooner = files.some((file) => file.mayEndSooner);
  const end = ({ expiresAtMs, mayEndSooner: isSooner }: LinkedFile) => {
    const time = `<time datetime="${isoTime(expiresAtMs)}">${escaped(formatDeadline(expiresAtMs, timeZone))}</time>`;
    return `works until ${time}${isSooner ? ' at most' : ''}`;
  };
  const rows = files.map(
    (file) => `<li>
<a href="${escaped(file.url)}" rel="noreferrer"><bdi>${escaped(printable(file.name))}</bdi></a>
<p>${formatBytes(file.sizeBytes)} · ${end(file)}</p>
</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${formatBytes(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))} together. Each link ends by itself, at the time beside it.</p>
<ul>
${rows.join('\n')}
</ul>
<p>${mayEndSooner ? `${escaped(MAY_END_SOONER)} ` : ''}Anyone who has this page can use its links until then.</p>
</main>
</body>
</html>
`;
}

/** Names come from files of anybody, and an address has ampersands. */
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
ul { padding: 0; list-style: none; }
li { padding: .75rem 0; border-top: 1px solid; overflow-wrap: anywhere; }
a { display: inline-block; padding: .25rem 0; font-weight: 600; }
li p { margin: 0; }
`;
