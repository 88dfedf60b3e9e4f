import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { childText, parseXml } from '../../electron/embedded-s3/xml/reader.ts';
import { element, escapeText, xmlDocument } from '../../electron/embedded-s3/xml/writer.ts';

test('what the writer writes, the reader reads', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (keys) => {
      const objects = keys.map((key) => element('Object', element('Key', key)));
      const { children } = parseXml(xmlDocument('Delete', objects));
      expect(children.map((object) => childText(object, 'Key'))).toEqual(keys);
    }),
  );
});

test.each([
  ['<a>x&amp;y</a>', 'x&y'],
  ['<a>&#x41;&#66;</a>', 'AB'],
  ['<a>&amp;lt;</a>', '&lt;'],
  ['<a>1<!-- > 2 -->3</a>', '13'],
  ['<a><![CDATA[<&amp;>]]></a>', '<&amp;>'],
  ['<?xml version="1.0"?>\n<a xmlns="urn:x" b=\'">\'>t</a >\n', 't'],
  ['<a/>', ''],
])('%j reads as %j', (xml, text) => {
  expect(parseXml(xml).text).toBe(text);
});

test.each([
  '<a>&</a>',
  '<a>& b;</a>',
  '<a>&nbsp;</a>',
  '<a b=c/>',
  '<a b="<"/>',
  '<a',
  'x<a/>',
  '<a/>x',
  '</a>',
])('%j is no XML', (xml) => {
  expect(() => parseXml(xml)).toThrow(/not well formed/u);
});

test('a control character is written as a reference', () => {
  expect(escapeText('a\u0001\n<')).toBe('a&#x1;&#xa;&lt;');
});
