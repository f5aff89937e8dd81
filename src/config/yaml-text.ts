import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Pair, ParsedNode, Scalar, YAMLMap } from 'yaml';
import { AppError } from '../base/index.ts';
import { placeText, shortText } from './raw-value.ts';
import type { Place, RawEntry, RawMap, RawValue } from './raw-value.ts';
import { lineOfMistake, yamlError } from './yaml-error.ts';

export type YamlReading = { readonly root: RawValue | null; readonly errors: readonly AppError[] };

/** Reads YAML 1.2 text into raw values with their places; never throws. An empty text has no root. */
export function readYaml(text: string, placeOfLine: (line: number) => Place): YamlReading {
  const lines = new LineCounter();
  // Own search for duplicate keys: the parser's compares each key with all before it, which takes a minute for a
  // file of 1 MB, and names only one of the two lines.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
    keepSourceTokens: false,
  });
  const placeOf = (offset: number): Place => placeOfLine(Math.max(1, lines.linePos(offset).line));
  const [first] = [...document.errors, ...document.warnings];
  if (first !== undefined) {
    const line = lineOfMistake(first, { text, line: lines.linePos(first.pos[0]).line });
    const place = placeOfLine(Math.max(1, line));
    return { root: null, errors: [yamlError(first, { place, line: text.split('\n')[line - 1] ?? '' })] };
  }
  return convert(document, { text, placeOf });
}

type Source = { readonly text: string; placeOf(offset: number): Place };

function convert(document: Document.Parsed, source: Source): YamlReading {
  const errors: AppError[] = [];
  const contents = document.contents;
  if (contents === null || (isScalar(contents) && contents.value === null)) return { root: null, errors };
  const root = convertNode(contents, { ...source, errors });
  return { root: errors.length === 0 ? root : null, errors };
}

type Conversion = Source & { readonly errors: AppError[] };

function convertNode(node: ParsedNode, conversion: Conversion): RawValue {
  const place = conversion.placeOf(node.range[0]);
  if (isAlias(node)) {
    conversion.errors.push(
      node.source.startsWith('.')
        ? starWithoutQuotes(place, node.source)
        : unsupported(place, `*${node.source}`),
    );
    return { kind: 'scalar', place, value: null, text: '' };
  }
  const mark = node.anchor === undefined ? node.tag : `&${node.anchor}`;
  if (mark !== undefined && !isPlainTag(mark)) conversion.errors.push(unsupported(place, mark));
  if (isMap(node)) return convertMap(node, { place, conversion });
  if (isSeq(node)) {
    return { kind: 'list', place, items: node.items.map((item) => convertNode(item, conversion)) };
  }
  return convertScalar(node, place);
}

/** The tag that the YAML core schema resolves on its own is no mark of the writer's. */
function isPlainTag(mark: string): boolean {
  return /^tag:yaml\.org,2002:(map|seq|str|int|float|bool|null)$/.test(mark);
}

function convertScalar(node: Scalar.Parsed, place: Place): RawValue {
  const value = node.value;
  const known =
    value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { kind: 'scalar', place, value: known ? value : node.source, text: node.source };
}

type MapFacts = { readonly place: Place; readonly conversion: Conversion };

function convertMap(node: YAMLMap.Parsed, { place, conversion }: MapFacts): RawMap {
  const entries = new Map<string, RawEntry>();
  for (const pair of node.items) {
    const entry = convertPair(pair, { place, conversion });
    if (entry === null) continue;
    const before = entries.get(entry.key);
    if (before === undefined) entries.set(entry.key, entry);
    else conversion.errors.push(duplicateKey(entry, before));
  }
  return { kind: 'map', place, entries };
}

function convertPair(
  pair: Pair<ParsedNode, ParsedNode | null>,
  { place, conversion }: MapFacts,
): RawEntry | null {
  const key = pair.key;
  const keyPlace = conversion.placeOf(key.range[0]);
  if (!isScalar(key) || typeof key.value !== 'string' || key.anchor !== undefined) {
    conversion.errors.push(notAName(keyPlace));
    return null;
  }
  if (key.value === '<<') {
    conversion.errors.push(unsupported(keyPlace, '<<'));
    return null;
  }
  const empty: RawValue = { kind: 'scalar', place: keyPlace, value: null, text: '' };
  const value = pair.value === null ? empty : convertNode(pair.value, conversion);
  return { key: key.value, place: keyPlace.kind === 'file' ? keyPlace : place, value };
}

function duplicateKey(entry: RawEntry, before: RawEntry): AppError {
  const [at, first] = [placeText(entry.place), placeText(before.place)];
  const key = shortText(entry.key);
  return new AppError({
    code: 'config-duplicate-key',
    message: {
      ja: `${at}: ${key} は ${first} にもあります`,
      en: `${at}: ${key} was already given at ${first}`,
    },
    hint: { ja: 'どちらか一方にまとめてください', en: 'keep only one of the two' },
  });
}

function notAName(place: Place): AppError {
  const at = placeText(place);
  return new AppError({
    code: 'config-key-not-a-name',
    message: { ja: `${at}: キーが名前ではありません`, en: `${at}: a key must be a name` },
    hint: { ja: '「名前: 値」の形で書いてください', en: 'write “name: value”' },
  });
}

function starWithoutQuotes(place: Place, source: string): AppError {
  const at = placeText(place);
  const shown = shortText(source);
  return new AppError({
    code: 'config-star-unquoted',
    message: {
      ja: `${at}: *${shown} のように * で始まる値には引用符が要ります`,
      en: `${at}: a value that begins with * needs quotes, like *${shown}`,
    },
    hint: { ja: `"*${shown}" と書いてください`, en: `write "*${shown}"` },
  });
}

function unsupported(place: Place, mark: string): AppError {
  const at = placeText(place);
  const shown = shortText(mark);
  return new AppError({
    code: 'config-yaml-unsupported',
    message: {
      ja: `${at}: YAML のアンカー・エイリアス・タグ（${shown}）は使えません`,
      en: `${at}: YAML anchors, aliases and tags are not supported (${shown})`,
    },
    hint: { ja: '値をそのまま書いてください', en: 'write the value itself' },
  });
}
