/** A JSON object out of a stranger's text; every access says what it expects and gets null otherwise. */
export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a path of keys. */
export function objectAt(value: JsonObject, ...keys: readonly string[]): JsonObject | null {
  let here: unknown = value;
  for (const key of keys) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return null;
    here = here[key];
  }
  return isObject(here) ? here : null;
}

/** The text under the first of these keys that has one; a number counts as text. */
export function textAt(value: JsonObject | null, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const found = value !== null && Object.hasOwn(value, key) ? value[key] : undefined;
    if (typeof found === 'string' && found.trim() !== '') return found.trim();
    if (typeof found === 'number') return String(found);
  }
  return null;
}

/** The objects of the list under a key. */
export function objectsAt(value: JsonObject | null, key: string): readonly JsonObject[] {
  const found = value !== null && Object.hasOwn(value, key) ? value[key] : undefined;
  return Array.isArray(found) ? found.filter((each: unknown): each is JsonObject => isObject(each)) : [];
}

/** The texts of the list under a key; a single text is a list of one. */
export function textsAt(value: JsonObject | null, key: string): readonly string[] {
  const found = value !== null && Object.hasOwn(value, key) ? value[key] : undefined;
  if (typeof found === 'string') return [found];
  return Array.isArray(found)
    ? found.filter((each: unknown): each is string => typeof each === 'string')
    : [];
}

/** Parses JSON; null when it is none. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    // What strangers send need not be JSON; only that error is expected here.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

// A notification about one mail is some KB; with all headers of a large mail some tens of KB.
const longestObjectChars = 1_048_576;

/** The JSON object that begins at `start`, up to its closing brace; null when it does not close. */
export function objectTextAt(text: string, start: number): string | null {
  let depth = 0;
  let quoted = false;
  const end = Math.min(text.length, start + longestObjectChars);
  for (let at = start; at < end; at += 1) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) quoted = false;
    } else if (character === 0x22) quoted = true;
    else if (character === 0x7b || character === 0x5b) depth += 1;
    else if (character === 0x7d || character === 0x5d) {
      depth -= 1;
      if (depth === 0) return text.slice(start, at + 1);
    }
  }
  return null;
}
