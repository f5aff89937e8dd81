import type { KeyDescription } from './key-description.ts';
import { keys } from './schema.ts';
import type { Key } from './schema.ts';
import type { Field, ValueType } from './value-type.ts';

const head = `# Configuration

<!-- Written by \`npm run generate\` from src/config/schema.ts. Do not edit. -->

One YAML file: \`--config FILE\`, by default \`./todoku.yaml\`; without it the defaults below hold. File names in it start at
its folder. \`todoku config check\` finds mistakes, \`todoku config show\` shows what is in effect and where each value came from.

設定は 1 つの YAML ファイルに書きます（\`--config FILE\`、既定は \`./todoku.yaml\`。なければ以下の既定値）。中のファイル名は設定ファイルの
フォルダーが起点です。\`todoku config check\` で誤りを調べ、\`todoku config show\` で有効な値と出どころを確かめられます。

- **Durations** need a unit: \`250ms\`, \`30s\`, \`5m\`, \`4h\`, \`5d\`. **Sizes** too: \`500KB\`, \`25MB\` (thousands), \`10MiB\` (1024s).
- **Environment variables** override the file: \`delivery.tlsCa\` is \`TODOKU_DELIVERY_TLS_CA\`; lists are YAML or JSON text; an empty
  variable counts as unset. An unknown \`TODOKU_\` variable is an error, as an unknown key is. \`TODOKU_DEBUG=1\` adds stacks to errors.
- **Applies**: a change takes effect after a *reload* or only after a *restart*.

- **時間**と**大きさ**には単位が必要です: \`30s\`, \`5m\`, \`25MB\`。
- **環境変数**はファイルより優先します: \`delivery.tlsCa\` は \`TODOKU_DELIVERY_TLS_CA\`。リストは YAML か JSON で書きます。空の変数は無視します。
- **Applies** は変更が有効になる時点です: *reload*（再読み込み）か *restart*（再起動）。
`;

/** docs/config.md: every key with type, default and meaning, by section. */
export function configReference(): string {
  const sections = Map.groupBy(keys, (key) => key.name.split('.')[0] ?? '');
  return [head, ...[...sections].map(([section, members]) => sectionText(section, members))].join('\n');
}

function sectionText(section: string, members: readonly Key[]): string {
  const rows = members.map((key) =>
    row([
      code(key.name),
      typeText(key.description),
      defaultText(key.description),
      key.description.applies,
      docText(key),
    ]),
  );
  const objects = members.flatMap((key) => fieldTables(key.name, key.description.type));
  return [
    `## ${section}\n`,
    '| key | type | default | applies | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...objects,
  ].join('\n');
}

function docText({ description, variable }: Key): string {
  return `${description.doc.en}<br>${description.doc.ja}<br>${code(variable)}`;
}

function typeText(description: KeyDescription<unknown>): string {
  const unit = description.unit === undefined ? '' : ` (${description.unit.en})`;
  return `${description.type.wanted.en}${unit}`;
}

function defaultText(description: KeyDescription<unknown>): string {
  if ('defaultFrom' in description) return description.defaultDoc.en;
  const value = description.default;
  return value === null || value === '' ? 'none' : code(written(description.type, value));
}

function written(type: ValueType<unknown>, value: unknown): string {
  const form = type.write(value);
  return typeof form === 'string' ? form : JSON.stringify(form);
}

/** A table for the fields of a list's entries, and one for each list among them. */
function fieldTables(name: string, type: ValueType<unknown>): string[] {
  const fields = type.item?.fields ?? [];
  if (fields.length === 0) return [];
  const rows = fields.map(([field, facts]) =>
    row([code(field), facts.type.wanted.en, fallbackText(facts), `${facts.doc.en}<br>${facts.doc.ja}`]),
  );
  const inner = fields.flatMap(([field, facts]) => fieldTables(`${name}[].${field}`, facts.type));
  return [
    `Each entry of ${code(name)}:\n`,
    '| field | type | default | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    ...inner,
  ];
}

function fallbackText(field: Field<unknown>): string {
  if (field.fallback === undefined) return '**required**';
  if ('sameAs' in field.fallback) return `the same as ${code(field.fallback.sameAs)}`;
  return field.fallback.value === null ? 'none' : code(written(field.type, field.fallback.value));
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
