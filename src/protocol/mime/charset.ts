/** Characters whose absence makes UTF-8, ASCII and ISO-2022-JP the same text. */
// oxlint-disable-next-line no-control-regex -- ESC and SO begin the escape sequences of ISO-2022-*
const special = /[\u0080-\u00ff\u001b]/;

/** The type of the global, which the library's own types leave out. */
type Decoder = InstanceType<typeof TextDecoder>;

const decoders = new Map<string, Decoder | null>();

/**
 * Octets → text. The declared charset is believed where the octets bear it out; otherwise (none, unknown, or broken) they
 * are read as ISO-2022-JP when they hold its escape sequences, as UTF-8 when they are valid, else as the likelier of
 * Shift_JIS, EUC-JP and windows-1252. Never throws.
 */
export function decodeCharset(octets: Buffer, declared: string | null): string {
  const raw = octets.toString('latin1');
  if (isUtf7(declared) && raw.includes('+')) return decodeUtf7(raw);
  if (!special.test(raw)) return isUtf16(declared) ? (tryDecode(octets, declared ?? '', false) ?? raw) : raw;
  const charset = declared?.trim().toLowerCase() ?? '';
  // RFC 1468: the sequences mean the same whatever the label says, and nothing else that mail carries begins so.
  // oxlint-disable-next-line no-control-regex -- those sequences are what is looked for
  if (/\u001b[$(][@BJI]/.test(raw)) return tryDecode(octets, 'iso-2022-jp', false) ?? raw;
  if (charset !== '' && charset !== 'us-ascii' && charset !== 'ascii') {
    const named = tryDecode(octets, charset, true);
    if (named !== null) return named;
  }
  return tryDecode(octets, 'utf-8', true) ?? likeliest(octets, raw, charset);
}

function isUtf16(charset: string | null): boolean {
  return charset !== null && /^utf-?16/i.test(charset);
}

/** Microsoft's SMTP service labels its reports `unicode-1-1-utf-7` (RFC 1642), the name before RFC 2152's `utf-7`. */
export function isUtf7(charset: string | null): boolean {
  return charset !== null && /^(?:unicode-1-1-|x-)?utf-?7$/i.test(charset.trim());
}

/** RFC 2152: `+ANw-` is Ü, `+-` a plus sign. What goes on to an @ is an address with a plus sign, left as it stands. */
function decodeUtf7(raw: string): string {
  return raw.replaceAll(
    /\+(?:-|([A-Za-z0-9+/]{1,2000})-?)(?![\w.+-]{0,64}@)/g,
    (whole, base64: string | undefined) => {
      if (base64 === undefined) return '+';
      const octets = Buffer.from(base64, 'base64');
      if (octets.length < 2) return whole;
      return octets
        .subarray(0, octets.length & ~1)
        .swap16()
        .toString('utf16le');
    },
  );
}

function likeliest(octets: Buffer, raw: string, charset: string): string {
  const japanese = /jis|euc-jp|2022-jp|cp932|windows-31j/.test(charset);
  for (const candidate of ['shift_jis', 'euc-jp']) {
    const text = tryDecode(octets, candidate, true);
    // Kana tell Japanese from chance: western text hardly ever reads as a run of them.
    if (text !== null && (japanese || /[\u3040-\u30ff]{3}/.test(text))) return text;
  }
  return tryDecode(octets, charset === '' ? 'windows-1252' : charset, false) ?? raw;
}

function tryDecode(octets: Buffer, charset: string, strict: boolean): string | null {
  const decoder = decoderFor(charset, strict);
  if (decoder === null) return null;
  try {
    return decoder.decode(octets);
  } catch (error) {
    // `fatal` reports octets that the charset does not have by this error; anything else is a bug.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

// The labels come from strangers: no more of them are remembered than there are charsets in the Encoding standard.
const mostLabels = 250;

function decoderFor(charset: string, strict: boolean): Decoder | null {
  const key = `${charset}|${strict}`;
  const known = decoders.get(key);
  if (known !== undefined) return known;
  const decoder = makeDecoder(aliases[charset] ?? charset, strict);
  if (decoders.size < mostLabels) decoders.set(key, decoder);
  return decoder;
}

/** Names seen in mail that the Encoding standard does not know. */
const aliases: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  'shift-jis': 'shift_jis',
  'x-sjis-jp': 'shift_jis',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp1252: 'windows-1252',
  cp1251: 'windows-1251',
  cp936: 'gbk',
  utf8: 'utf-8',
};

function makeDecoder(charset: string, strict: boolean): Decoder | null {
  try {
    return new TextDecoder(charset, { fatal: strict });
  } catch (error) {
    // The Encoding standard, §7.2: an unknown label is a RangeError.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
