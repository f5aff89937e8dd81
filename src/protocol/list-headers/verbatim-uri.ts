// A campaign's links differ only in a token at one place; a URI is parsed once for each such pattern (2 µs a time).
const keptPatterns = 64;
// Well below what a field may hold, so that no token makes a link too long.
const longestRememberedChars = 500;
const patterns = new Set<string>();

// The path of a link up to its last segment, or a mailbox up to its last `+`: no letter, digit, `-` or `_` that follows is
// changed by parsing (WHATWG URL, path state and opaque path state).
const linkToken = /^(https?:\/\/[^/?#]+\/(?:[^?#]*\/)?)[A-Za-z0-9_-]{1,200}()$/;
const mailToken = /^(mailto:[A-Za-z0-9._+-]*\+)[A-Za-z0-9_-]{1,200}(@[a-z0-9.-]+)$/;

/** `read(uri)`, without asking again where only a token differs from a URI that was read back unchanged. */
export function readRemembered(uri: string, read: (uri: string) => string | null): string | null {
  if (uri.length > longestRememberedChars) return read(uri);
  const match = linkToken.exec(uri) ?? mailToken.exec(uri);
  const pattern = match === null ? null : `${match[1] ?? ''} ${match[2] ?? ''}`;
  if (pattern !== null && patterns.has(pattern)) return uri;
  const href = read(uri);
  if (pattern !== null && href === uri) {
    if (patterns.size >= keptPatterns) patterns.clear();
    patterns.add(pattern);
  }
  return href;
}
