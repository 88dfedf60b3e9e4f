/**
 * @file Reads the few XML documents a client may send (parts of an upload, keys to delete, tags).
 *
 * Strict on purpose: elements, text, comments, CDATA and the five named references. A document type
 * or any other entity is refused, so no document can grow when read.
 */
import { S3Error } from '../errors.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** The text directly inside, references resolved, as sent. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const MAX_DEPTH = 16;
const token =
  /<!--(?:(?!--)[^])*-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;

/**
 * The root element of `text`.
 *
 * @throws S3Error `MalformedXML` for anything that is not one well-formed element of this subset.
 */
export function parseXml(text: string): XmlElement {
  const top: OpenElement = { name: '', children: [], text: '' };
  const open: OpenElement[] = [top];
  token.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    const inner = open.at(-1);
    if (!match || !inner) throw new S3Error('MalformedXML');
    const [, cdata, closing, name, , selfClosing, characters] = match;
    if (name !== undefined) {
      applyTag(open, name, closing === '/', selfClosing === '/');
    } else if (cdata !== undefined) {
      inner.text += cdata;
    } else if (characters !== undefined) {
      inner.text += resolveReferences(characters);
    }
  }
  const root = top.children[0];
  if (open.length !== 1 || top.children.length !== 1 || !root || top.text.trim() !== '') {
    throw new S3Error('MalformedXML');
  }
  return root;
}

function applyTag(open: OpenElement[], name: string, closing: boolean, selfClosing: boolean): void {
  if (closing) {
    if (selfClosing || open.length < 2 || open.pop()?.name !== name)
      throw new S3Error('MalformedXML');
    return;
  }
  if (open.length > MAX_DEPTH) throw new S3Error('MalformedXML');
  const element: OpenElement = { name, children: [], text: '' };
  open.at(-1)?.children.push(element);
  if (!selfClosing) open.push(element);
}

const named = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function resolveReferences(text: string): string {
  return text.replaceAll(/&([^;&]{0,12})(;?)/gu, (_whole, body: string, end: string) => {
    const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/u.exec(body);
    const point = code
      ? Number.parseInt(code[1] ?? code[2] ?? '', code[1] ? 16 : 10)
      : named.get(body)?.codePointAt(0);
    if (end === '' || point === undefined || point > 0x10_ff_ff) throw new S3Error('MalformedXML');
    return String.fromCodePoint(point);
  });
}

/** The first child of that name, or `undefined`. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((candidate) => candidate.name === name);
}

/** The text of the first child of that name, or `undefined`. */
export function childText(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text;
}
