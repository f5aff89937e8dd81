export { loadAddressFacts } from './address/address-facts.ts';
export type { AddressFacts } from './address/address-facts.ts';
export { checkAddress } from './address/check-address.ts';
