type Variables = Readonly<Record<string, string>>;

/** A recipient's variables as stored: an array of values where the names are the campaign's `columns`, else an object. */
export function packVariables(variables: Variables, columns: readonly string[]): string {
  const names = Object.keys(variables);
  const same = names.length === columns.length && names.every((name, at) => name === columns[at]);
  return JSON.stringify(same ? Object.values(variables) : variables);
}

export function unpackVariables(stored: string, columns: readonly string[]): Variables {
  const parsed: unknown = JSON.parse(stored);
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`variables hold ${stored}`);
  const values: readonly unknown[] = Object.values(parsed);
  const names = Array.isArray(parsed) ? columns : Object.keys(parsed);
  // fromEntries defines properties: a column named __proto__ is one like any other.
  return Object.fromEntries(names.map((name, at) => [name, String(values[at])]));
}

/** The names as the campaign keeps them. */
export function storedColumns(stored: string): readonly string[] {
  const parsed: unknown = JSON.parse(stored);
  if (!Array.isArray(parsed)) throw new Error(`columns hold ${stored}`);
  return parsed.map(String);
}
