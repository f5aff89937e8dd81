import type { OpenApi } from './openapi.ts';

/** One field of a body, nested ones by their path: `attachments[].filename`. */
export type FieldLine = {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly doc: string;
};

// Deeper than any schema of ours; a schema that names itself ends here.
const deepest = 4;

/** The fields of a schema of the document, depth first. */
export function fieldsOf(document: OpenApi, schema: unknown): readonly FieldLine[] {
  return linesOf({ document, depth: 0, prefix: '' }, schema);
}

type Place = { readonly document: OpenApi; readonly depth: number; readonly prefix: string };
type Schema = Readonly<Record<string, unknown>>;

function linesOf(place: Place, given: unknown): readonly FieldLine[] {
  const schema = resolved(place.document, given);
  if (schema === null || place.depth > deepest) return [];
  const { properties, items } = schema;
  if (isSchema(items)) return linesOf({ ...place, prefix: `${place.prefix}[]` }, items);
  if (!isSchema(properties)) return [];
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(properties).flatMap(([name, value]) => {
    const field = resolved(place.document, value) ?? {};
    const path = place.prefix === '' || place.prefix === '[]' ? name : `${place.prefix}.${name}`;
    const line = { name: path, type: typeName(field), required: required.has(name), doc: docOf(field) };
    return [line, ...linesOf({ ...place, depth: place.depth + 1, prefix: path }, field)];
  });
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows `#/components/schemas/Name`. */
function resolved(document: OpenApi, schema: unknown): Schema | null {
  if (!isSchema(schema)) return null;
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const found: unknown = document.components?.schemas?.[reference.split('/').at(-1) ?? ''];
  return isSchema(found) ? found : null;
}

function typeName(schema: Schema): string {
  const { type, enum: words, format, anyOf } = schema;
  if (Array.isArray(words)) return words.map(String).join(' | ');
  if (Array.isArray(anyOf)) return anyOf.map((each) => (isSchema(each) ? typeName(each) : '')).join(' | ');
  const name = Array.isArray(type) ? type.map(String).join(' | ') : typeof type === 'string' ? type : '';
  return typeof format === 'string' ? `${name} (${format})` : name;
}

function docOf({ description, example }: Schema): string {
  const doc = typeof description === 'string' ? description : '';
  return example === undefined ? doc : `${doc}${doc === '' ? '' : ' '}(${JSON.stringify(example)})`;
}
