/** As much of JSON Schema (OpenAPI 3.1) as our document uses. */
export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly description?: string;
};

/** The TypeScript type of a schema; what it does not know is `unknown`, never `any`. */
export function typeText(schema: JsonSchema, indent = ''): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return union(choices.map((each) => typeText(each, indent)));
  if (schema.allOf !== undefined) return schema.allOf.map((each) => typeText(each, indent)).join(' & ');
  const { type } = schema;
  if (Array.isArray(type))
    return union(type.map((each: string) => typeText({ ...schema, type: each }, indent)));
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `readonly (${typeText(schema.items ?? {}, indent)})[]`;
    case 'object':
      return objectText(schema, indent);
    default:
      return 'unknown';
  }
}

function objectText(schema: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties ?? {}).map(([name, each]) => {
    const optional = schema.required?.includes(name) === true ? '' : '?';
    const doc =
      each.description === undefined ? '' : `${inner}/** ${each.description.replaceAll('*/', '* /')} */\n`;
    return `${doc}${inner}readonly ${propertyName(name)}${optional}: ${typeText(each, inner)};`;
  });
  const rest = schema.additionalProperties;
  if (fields.length === 0) {
    if (typeof rest === 'object') return `{ readonly [name: string]: ${typeText(rest, indent)} }`;
    return rest === false ? 'Record<string, never>' : '{ readonly [name: string]: unknown }';
  }
  return `{\n${fields.join('\n')}\n${indent}}`;
}

/** As it stands before a colon. */
export function propertyName(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : literal(name);
}

function union(parts: readonly string[]): string {
  return [...new Set(parts)].join(' | ');
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll(/[\\']/g, '\\$&')}'` : JSON.stringify(value);
}
