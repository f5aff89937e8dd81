/** A command line in its parts (RFC 5321 §4.1.1). */
export type CommandLine = { readonly verb: string; readonly argument: string };

export function splitCommand(line: string): CommandLine {
  const space = line.indexOf(' ');
  if (space === -1) return { verb: line.toUpperCase(), argument: '' };
  return { verb: line.slice(0, space).toUpperCase(), argument: line.slice(space + 1).trim() };
}

/** Argument of MAIL or RCPT: path without brackets, ESMTP parameters with upper-case names. */
export type PathArgument = { readonly path: string; readonly parameters: ReadonlyMap<string, string> };

const noParameters: ReadonlyMap<string, string> = new Map();

/** Reads `FROM:<path> KEY=value …`; null when it is not of that form. A local part may be quoted and hold `>`. */
export function readPath(keyword: 'FROM' | 'TO', argument: string): PathArgument | null {
  const start = keyword.length + 1;
  if (argument.length < start || argument.slice(0, start).toUpperCase() !== `${keyword}:`) return null;
  const text = argument.slice(start).trimStart();
  if (text[0] !== '<') return null;
  const end = closingBracket(text);
  if (end === -1) return null;
  const rest = text.slice(end + 1).trim();
  return { path: text.slice(1, end), parameters: rest === '' ? noParameters : readParameters(rest) };
}

function closingBracket(text: string): number {
  const plain = text.indexOf('>');
  if (text.indexOf('"') === -1 || plain === -1) return plain;
  let quoted = false;
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === '>' && !quoted) return at;
  }
  return -1;
}

function readParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const word of text.split(/ +/)) {
    const equals = word.indexOf('=');
    if (equals === -1) parameters.set(word.toUpperCase(), '');
    else parameters.set(word.slice(0, equals).toUpperCase(), word.slice(equals + 1));
  }
  return parameters;
}
