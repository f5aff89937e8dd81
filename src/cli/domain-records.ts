import type { Bilingual } from '../base/index.ts';
import type { CommandContext } from './command.ts';
import type { DomainVerification } from './ports.ts';
import { tableText } from './table.ts';

type PlannedRecord = DomainVerification['records'][number];

const purposes: { readonly [Each in PlannedRecord['purpose']]: Bilingual } = {
  dkim: { ja: 'DKIM の公開鍵', en: 'DKIM key' },
  spf: { ja: 'SPF', en: 'SPF' },
  dmarc: { ja: 'DMARC', en: 'DMARC' },
  'return-path': { ja: 'バウンスの受け取り', en: 'where bounces come to' },
  'source-address': { ja: 'EHLO 名の正引き', en: 'address of the EHLO name' },
  'source-name': { ja: '逆引き（事業者に依頼）', en: 'reverse DNS (ask your provider)' },
  'tls-reports': { ja: 'TLS レポート（任意）', en: 'TLS reports (optional)' },
};

const states: { readonly [Each in PlannedRecord['state']]: Bilingual } = {
  'in-place': { ja: '✓ 登録済み', en: '✓ in place' },
  missing: { ja: '✗ 未登録', en: '✗ missing' },
  different: { ja: '✗ 要変更', en: '✗ to be changed' },
  unknown: { ja: '? 不明', en: '? unknown' },
};

/** Shows DNS records as a table; below it, whole, what is to be published, so that it can be copied. */
export function showRecords({ output, say }: CommandContext, records: readonly PlannedRecord[]): void {
  const columns = [
    { title: say({ ja: '状態', en: 'state' }) },
    { title: say({ ja: '目的', en: 'for' }) },
    { title: say({ ja: '種類', en: 'type' }) },
    { title: say({ ja: '名前', en: 'name' }) },
  ];
  const rows = records.map(({ state, purpose, type, name }) => [
    say(states[state]),
    say(purposes[purpose]),
    type,
    name,
  ]);
  output.print(tableText({ columns, rows }));
  const open = records.filter(({ state }) => state !== 'in-place');
  if (open.length === 0) return;
  output.print('');
  output.print(say({ ja: '登録する値', en: 'to be published' }));
  for (const { type, name, value, found } of open) {
    output.print(`${name}  ${type}`);
    output.print(`  ${value}`);
    for (const text of found) output.print(`  ${say({ ja: '今の値', en: 'now' })}: ${text}`);
  }
}
