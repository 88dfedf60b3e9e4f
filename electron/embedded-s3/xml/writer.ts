/** @file Writes the small XML documents that S3 answers with. */

/** A piece of finished XML. A class apart from strings, so that text can never pass unescaped. */
export interface Xml {
  readonly xml: string;
}

type Child = Xml | string | number | boolean | undefined | readonly Child[];

/** `<name>children</name>`. Text is escaped; `undefined` children leave the element out. */
export function element(name: string, ...children: readonly Child[]): Xml {
  if (children.length === 1 && children[0] === undefined) return { xml: '' };
  return { xml: `<${name}>${children.map(render).join('')}</${name}>` };
}

/** A whole document whose root carries the namespace of S3. */
export function xmlDocument(root: string, ...children: readonly Child[]): string {
  const inner = children.map(render).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`;
}

function render(child: Child): string {
  if (child === undefined) return '';
  if (Array.isArray(child)) return child.map(render).join('');
  if (typeof child === 'object') return (child as Xml).xml;
  return escapeText(String(child));
}

/** Control characters become references, as AWS writes them, although XML 1.0 has no place for most. */
export function escapeText(text: string): string {
  return text.replaceAll(/[\p{Cc}&<>"\uFFFE\uFFFF]/gu, (character) => {
    const named = namedReferences.get(character);
    return named ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}

const namedReferences = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
