import { readFileSync } from 'node:fs';

/** The version in the package's package.json, which stands above src/ in a checkout and above dist/ when installed. */
export function packageVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    const version = versionIn(new URL(place, import.meta.url));
    if (version !== null) return version;
  }
  throw new Error('package.json of todoku is not where it belongs');
}

function versionIn(file: URL): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const isOurs = 'name' in parsed && parsed.name === 'todoku';
  return isOurs && 'version' in parsed && typeof parsed.version === 'string' ? parsed.version : null;
}
