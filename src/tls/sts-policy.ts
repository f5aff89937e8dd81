/** A policy as its file says (RFC 8461 §3.2). */
export type StsPolicy = {
  readonly mode: 'enforce' | 'testing' | 'none';
  readonly maxAgeSeconds: number;
  /** Lower case; `*.` at the start stands for one label. Empty only with mode `none`. */
  readonly mx: readonly string[];
};

export type StsReading =
  | { readonly ok: true; readonly policy: StsPolicy }
  | { readonly ok: false; readonly fault: string };

const longestAgeSeconds = 31_557_600; // RFC 8461 §3.2: a year
// Domains have a few hosts; a file of 64 KB could name thousands of them.
const mostPatterns = 100;
const patternForm = /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const lineForm = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*$/;

/** Reads the policy file. Unknown fields are for later versions; of fields that come twice the first counts, except `mx`. */
export function readStsPolicy(text: string): StsReading {
  const fields = new Map<string, string>();
  const mx = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = lineForm.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (name === 'mx') mx.add(value.toLowerCase());
    else if (!fields.has(name)) fields.set(name, value);
  }
  const mode = fields.get('mode');
  const maxAge = fields.get('max_age') ?? '';
  if (fields.get('version') !== 'STSv1') return fault('it has no line “version: STSv1”');
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return fault('its mode is unknown');
  if (!/^\d{1,10}$/.test(maxAge) || Number(maxAge) > longestAgeSeconds) return fault('its max_age is wrong');
  const broken = [...mx].find((pattern) => pattern.length > 255 || !patternForm.test(pattern));
  if (broken !== undefined) return fault('a line mx names no host');
  if (mx.size > mostPatterns) return fault('it names too many hosts');
  if (mode !== 'none' && mx.size === 0) return fault('it has no line mx');
  return { ok: true, policy: { mode, maxAgeSeconds: Number(maxAge), mx: [...mx] } };
}

function fault(text: string): StsReading {
  return { ok: false, fault: text };
}

/** RFC 8461 §4.1: a wildcard stands for the whole left-most label and no more. */
export function stsNamesHost({ mx }: Pick<StsPolicy, 'mx'>, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  const dot = name.indexOf('.');
  const parent = dot > 0 ? `*${name.slice(dot)}` : null;
  return mx.some((pattern) => pattern === name || pattern === parent);
}

/** The lines of the policy, as a TLS report gives them (RFC 8460 §4.4). */
export function stsLines({ mode, maxAgeSeconds, mx }: StsPolicy): readonly string[] {
  return [
    'version: STSv1',
    `mode: ${mode}`,
    ...mx.map((pattern) => `mx: ${pattern}`),
    `max_age: ${maxAgeSeconds}`,
  ];
}
