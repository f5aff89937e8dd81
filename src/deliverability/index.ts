export { loadAddressFacts } from './address/address-facts.ts';
export type { AddressFacts } from './address/address-facts.ts';
export { checkAddress } from './address/check-address.ts';
export { listsWithAccounts, loadBlocklists } from './blocklists/blocklist.ts';
export type { Blocklist, Blocklists, DeadBlocklist } from './blocklists/blocklist.ts';
export { askLists, checkBlocklists } from './blocklists/check-blocklists.ts';
export type { ListWord } from './blocklists/check-blocklists.ts';
