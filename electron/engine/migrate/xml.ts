/** @file XML 1.0 that is written piece by piece. */

/** What XML has no way to say, such as control characters: https://www.w3.org/TR/xml/#charsets */
const UNSAYABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

export function isXmlText(text: string): boolean {
  return sayable(text, '') === text;
}

/** With something else in the place of each character that XML cannot say. */
export function sayable(text: string, instead: string): string {
  return text.replaceAll(UNSAYABLE, instead);
}

/** Text of an element or of an attribute in double quotes. Line breaks and tabs would not be read as they are. */
export function xmlText(text: string): string {
  return text.replaceAll(
    /[&<>"\t\n\r]/g,
    (character) => names[character] ?? `&#${character.charCodeAt(0)};`,
  );
}
const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
