import { oneLine } from './control-characters.ts';

// What file systems take (NAME_MAX of Linux); mail programs save under the name they are given.
const longestNameOctets = 255;
const longestExtensionOctets = 20;
// U+202E and its kin show `photo‮gpj.exe` as `photoexe.jpg`; the zero-width ones hide what stands there.
const directions = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
// Taken for a path, a stream or a device by one system or the other.
const unusable = /[<>:"|?*]/g;

/**
 * A file's name as it may be given to a stranger's computer: no path, no controls, no change of writing direction, at most
 * 255 octets with its extension kept. A name of which nothing is left becomes `attachment`.
 */
export function safeFileName(given: string): string {
  const line = oneLine(given).replaceAll(directions, '');
  const last = line.split(/[/\\]/).at(-1) ?? '';
  // Windows drops dots and blanks at the end, so `a.exe.` would be another name; a leading dot hides the file.
  const name = last
    .replaceAll(unusable, '_')
    .replaceAll(/^[\s.]+|[\s.]+$/g, '')
    .normalize('NFC');
  return name === '' ? 'attachment' : shortened(name);
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longestNameOctets) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  const kept = Buffer.byteLength(extension) <= longestExtensionOctets ? extension : '';
  const room = longestNameOctets - Buffer.byteLength(kept);
  let stem = '';
  let octets = 0;
  for (const character of name) {
    octets += Buffer.byteLength(character);
    if (octets > room) break;
    stem += character;
  }
  return `${stem.trimEnd()}${kept}`;
}
