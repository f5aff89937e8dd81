import type { Command, CommandGroup } from '../command.ts';
import { cancel } from './cancel.ts';
import { checkAddress } from './check-address.ts';
import { checkBlocklists } from './check-blocklists.ts';
import { checkMailbox } from './check-mailbox.ts';
import { checkDomain } from './check-domain.ts';
import { checkInbox } from './check-inbox.ts';
import { checkMessage } from './check-message.ts';
import { checkResult } from './check-result.ts';
import { classify } from './classify.ts';
import { configCheck } from './config-check.ts';
import { configShow } from './config-show.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { domainRotate } from './domain-rotate.ts';
import { domainSetup } from './domain-setup.ts';
import { domainVerify } from './domain-verify.ts';
import { dmarcSummary } from './dmarc-summary.ts';
import { inboxList } from './inbox-list.ts';
import { inboxShow } from './inbox-show.ts';
import { intake } from './intake.ts';
import { errors } from './errors.ts';
import { pathExplain } from './path-explain.ts';
import { pathReplay } from './path-replay.ts';
import { pathResume } from './path-resume.ts';
import { pathList } from './path-list.ts';
import { keyCreate } from './key-create.ts';
import { keyList } from './key-list.ts';
import { keyRevoke } from './key-revoke.ts';
import { ledger } from './ledger.ts';
import { mailboxArchive } from './mailbox-archive.ts';
import { reportList } from './report-list.ts';
import { report } from './report.ts';
import { resume } from './resume.ts';
import { send } from './send.ts';
import { sendmail } from './sendmail.ts';
import { serve } from './serve.ts';
import { simulate } from './simulate.ts';
import { sourceCheck } from './source-check.ts';
import { sourceExplain } from './source-explain.ts';
import { sourceList } from './source-list.ts';
import { suppressionAdd } from './suppression-add.ts';
import { suppressionExport } from './suppression-export.ts';
import { suppressionHistory } from './suppression-history.ts';
import { suppressionImport } from './suppression-import.ts';
import { suppressionList } from './suppression-list.ts';
import { suppressionRemove } from './suppression-remove.ts';
import { templateInspect } from './template-inspect.ts';
import { tlsReport } from './tls-report.ts';
import { tlsSummary } from './tls-summary.ts';
import { webhookAdd } from './webhook-add.ts';
import { webhookList } from './webhook-list.ts';
import { webhookRemove } from './webhook-remove.ts';
import { webhookReplay } from './webhook-replay.ts';
import { webhookResume } from './webhook-resume.ts';
import { webhookRotate } from './webhook-rotate.ts';
import { webhookTest } from './webhook-test.ts';
import { why } from './why.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  demo,
  send,
  resume,
  serve,
  sendmail,
  intake,
  cancel,
  why,
  errors,
  ledger,
  inboxList,
  inboxShow,
  pathList,
  pathExplain,
  pathResume,
  pathReplay,
  sourceList,
  sourceExplain,
  sourceCheck,
  domainSetup,
  domainVerify,
  domainRotate,
  checkDomain,
  checkAddress,
  checkBlocklists,
  checkMessage,
  checkInbox,
  checkResult,
  checkMailbox,
  doctor,
  mailboxArchive,
  classify,
  report,
  reportList,
  dmarcSummary,
  tlsSummary,
  tlsReport,
  simulate,
  templateInspect,
  suppressionAdd,
  suppressionRemove,
  suppressionList,
  suppressionHistory,
  suppressionImport,
  suppressionExport,
  keyCreate,
  keyList,
  keyRevoke,
  webhookAdd,
  webhookList,
  webhookTest,
  webhookReplay,
  webhookRotate,
  webhookResume,
  webhookRemove,
  configCheck,
  configShow,
];

export const groups: readonly CommandGroup[] = [
  {
    name: 'inbox',
    summary: { ja: 'テストモードのメールを見る', en: 'mail of test mode: captured, not sent' },
  },
  {
    name: 'check',
    summary: {
      ja: 'ドメイン・アドレス・メールなどを診断する',
      en: 'find out what is wrong with a domain, an address, a message or a mailbox',
    },
  },
  { name: 'mailbox', summary: { ja: 'メールボックスを整理する', en: 'keep mailboxes in order' } },
  {
    name: 'domain',
    summary: {
      ja: '差出人のドメインを用意する（DKIM の鍵・DNS レコード）',
      en: 'prepare a domain to send from: DKIM keys, DNS records',
    },
  },
  {
    name: 'suppression',
    summary: { ja: '送信停止リストを管理する', en: 'keep the list of addresses never to send to' },
  },
  {
    name: 'path',
    summary: {
      ja: '送信経路（送信元 × 宛先サイト）の速さと状態',
      en: 'the ways out: their limits, pace and state',
    },
  },
  {
    name: 'source',
    summary: { ja: '送信元の IP アドレスを調べる', en: 'look into the sending addresses' },
  },
  { name: 'template', summary: { ja: 'テンプレートを調べる', en: 'look into templates' } },
  { name: 'dmarc', summary: { ja: 'DMARC レポートから分かること', en: 'what DMARC reports tell' } },
  {
    name: 'tls',
    summary: { ja: 'TLS レポートを読む・送る', en: 'what TLS reports tell, and reports to others' },
  },
  {
    name: 'key',
    summary: { ja: 'アプリケーションの API キーを管理する', en: 'keep the keys of applications' },
  },
  {
    name: 'webhook',
    summary: {
      ja: 'イベントの通知先（Webhook）を管理する',
      en: 'keep the endpoints that are told of events',
    },
  },
  { name: 'config', summary: { ja: '設定を調べる・表示する', en: 'check or show the configuration' } },
];
