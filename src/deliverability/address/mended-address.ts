import { normaliseAddress } from '../../contacts/index.ts';
import type { AddressFacts } from './address-facts.ts';
import { squeezedForm } from './domain-forms.ts';
import { latinReading } from './look-alike.ts';

/** `look-alike`: only letters that are drawn alike were in the way. */
export type MendedAddress = { readonly address: string; readonly kind: 'look-alike' | 'slip' };

// Beyond that it is no slip in an address.
const longestText = 320;

/** What was probably meant by something that is no address; null: nothing plain. */
export function mendedAddress(text: string, facts: AddressFacts): MendedAddress | null {
  if (text.length > longestText) return null;
  const latin = latinReading(text.trim());
  if (latin !== null && normaliseAddress(latin).ok) return { address: latin, kind: 'look-alike' };
  const at = text.lastIndexOf('@');
  if (at <= 0) return null;
  const local = text.slice(0, at).replace(/@+$/, '').trim();
  const domain = text
    .slice(at + 1)
    .trim()
    .toLowerCase();
  for (const mended of domainsFor(domain, facts)) {
    const read = normaliseAddress(`${local}@${mended}`);
    if (read.ok) return { address: read.text, kind: 'slip' };
  }
  return null;
}

/** A comma or two dots in the place of one, a space between, and a provider's name without its dot. */
function domainsFor(domain: string, { squeezed }: AddressFacts): readonly string[] {
  const dotted = domain
    .replaceAll(/\s+/g, '')
    .replaceAll(/[,;:/]+/g, '.')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^\.|\.$/g, '');
  const whole = squeezed.get(squeezedForm(dotted));
  return whole === undefined ? [dotted] : [whole];
}
