/** Where a value was written. */
export type Place =
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment'; readonly name: string };

export type RawScalar = {
  readonly kind: 'scalar';
  readonly place: Place;
  /** What YAML made of it; always a string when it came as the whole text of an environment variable. */
  readonly value: string | number | boolean | null;
  /** As written. */
  readonly text: string;
};

export type RawList = { readonly kind: 'list'; readonly place: Place; readonly items: readonly RawValue[] };

export type RawEntry = { readonly key: string; readonly place: Place; readonly value: RawValue };

export type RawMap = {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, RawEntry>;
};

/** A value as written, with its place, before the schema has judged it. */
export type RawValue = RawScalar | RawList | RawMap;

/** `todoku.yaml:12` or the name of the environment variable. */
export function placeText(place: Place): string {
  return place.kind === 'file' ? `${place.file}:${place.line}` : place.name;
}

/** The place of what stands under `path`, or of the nearest thing around it that was written. */
export function placeAt(raw: RawValue, path: readonly (string | number)[]): Place {
  const [step, ...rest] = path;
  if (step === undefined) return raw.place;
  if (raw.kind === 'list' && typeof step === 'number') {
    const item = raw.items[step];
    return item === undefined ? raw.place : placeAt(item, rest);
  }
  if (raw.kind === 'map' && typeof step === 'string') {
    const entry = raw.entries.get(step);
    if (entry === undefined) return raw.place;
    // The key's line, not the value's: a list begins a line below its key.
    return rest.length === 0 ? entry.place : placeAt(entry.value, rest);
  }
  return raw.place;
}

// Longer values are cut in messages: one clear line.
const longestShownCharacters = 40;

/** A value as written, short enough for a message, with a password in a URL blotted out. */
export function shownValue(raw: RawValue): string {
  if (raw.kind === 'list') return raw.items.length === 0 ? '[]' : '[…]';
  if (raw.kind === 'map') return raw.entries.size === 0 ? '{}' : '{…}';
  return shortText(raw.text);
}

/** One line of at most 40 characters, without control characters or passwords. */
export function shortText(text: string): string {
  const line = maskPassword(text).replace(/\p{Cc}+/gu, ' ');
  return line.length > longestShownCharacters ? `${line.slice(0, longestShownCharacters)}…` : line;
}

/** `postgres://user:secret@host` → `postgres://user:***@host`. */
export function maskPassword(text: string): string {
  return text.replace(/(:\/\/[^/\s:@]*:)[^/\s]*@/g, '$1***@');
}
