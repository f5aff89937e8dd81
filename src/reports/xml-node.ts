import { XMLParser } from 'fast-xml-parser';
import { reportLimits } from './report-limits.ts';

/** One element as the parser gives it: text, or its children by name (several of a name as a list). */
export type XmlNode = unknown;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  // No entity is ever expanded by the parser; `decodeEntities` below knows the few that reports use.
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: reportLimits.xmlDepth + 2,
});

/** The element `name` of a well-formed piece (xml-pieces.ts). */
export function parseElement(xml: string, name: string): XmlNode {
  const parsed: unknown = parser.parse(xml);
  return childrenOf(parsed, name)[0];
}

/** All children of that name, in order. */
export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return [];
  const child: unknown = Reflect.get(node, name);
  return Array.isArray(child) ? child.slice(0, reportLimits.listItems) : [child];
}

export function childOf(node: XmlNode, name: string): XmlNode {
  return childrenOf(node, name)[0];
}

/** Text of the node itself, null when there is none. */
export function textOf(node: XmlNode): string | null {
  const own = typeof node === 'string' ? node : childOf(node, '#text');
  if (typeof own !== 'string') return null;
  const text = decodeEntities(own).replaceAll(/\s+/g, ' ').trim();
  return text === '' ? null : text.slice(0, reportLimits.textCharacters);
}

/** Text of the first child of that name that has one. */
export function childText(node: XmlNode, name: string): string | null {
  for (const child of childrenOf(node, name)) {
    const text = textOf(child);
    if (text !== null) return text;
  }
  return null;
}

// XML 1.0 §4.6, and what HTML writers put in without declaring it.
const named: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

/** Decoded once, never twice; an entity nobody declared stays as it is written. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,5});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named.get(name.toLowerCase()) ?? whole;
    const isHex = name[1] === 'x' || name[1] === 'X';
    const code = isHex ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
