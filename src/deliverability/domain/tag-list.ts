/** One `name=value` of a tag list (RFC 6376 §3.2); null: there is no `=`, or no name before it. */
export type Tag =
  | { readonly name: string; readonly value: string }
  | { readonly name: null; readonly value: string };

/** The parts of a tag list, blanks around names and values gone. Empty parts, as behind the last `;`, are none. */
export function readTagList(text: string): readonly Tag[] {
  // By hand: a pattern that drops trailing blanks takes quadratic time on a record that is made of them.
  return text.split(';').flatMap((part): readonly Tag[] => {
    const written = part.trim();
    if (written === '') return [];
    const equals = written.indexOf('=');
    const name = written.slice(0, Math.max(0, equals)).trimEnd();
    if (!/^[a-z][a-z0-9_]*$/i.test(name)) return [{ name: null, value: written }];
    return [{ name, value: written.slice(equals + 1).trimStart() }];
  });
}
