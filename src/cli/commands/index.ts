import type { Command, CommandGroup } from '../command.ts';
import { cancel } from './cancel.ts';
import { classify } from './classify.ts';
import { configCheck } from './config-check.ts';
import { configShow } from './config-show.ts';
import { demo } from './demo.ts';
import { dmarcSummary } from './dmarc-summary.ts';
import { intake } from './intake.ts';
import { errors } from './errors.ts';
import { ledger } from './ledger.ts';
import { reportList } from './report-list.ts';
import { report } from './report.ts';
import { resume } from './resume.ts';
import { send } from './send.ts';
import { serve } from './serve.ts';
import { simulate } from './simulate.ts';
import { suppressionAdd } from './suppression-add.ts';
import { suppressionExport } from './suppression-export.ts';
import { suppressionHistory } from './suppression-history.ts';
import { suppressionImport } from './suppression-import.ts';
import { suppressionList } from './suppression-list.ts';
import { suppressionRemove } from './suppression-remove.ts';
import { templateInspect } from './template-inspect.ts';
import { tlsSummary } from './tls-summary.ts';
import { why } from './why.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  demo,
  send,
  resume,
  serve,
  intake,
  cancel,
  why,
  errors,
  ledger,
  classify,
  report,
  reportList,
  dmarcSummary,
  tlsSummary,
  simulate,
  templateInspect,
  suppressionAdd,
  suppressionRemove,
  suppressionList,
  suppressionHistory,
  suppressionImport,
  suppressionExport,
  configCheck,
  configShow,
];

export const groups: readonly CommandGroup[] = [
  {
    name: 'suppression',
    summary: { ja: '送信停止リストを管理する', en: 'keep the list of addresses never to send to' },
  },
  { name: 'template', summary: { ja: 'テンプレートを調べる', en: 'look into templates' } },
  { name: 'dmarc', summary: { ja: 'DMARC レポートから分かること', en: 'what DMARC reports tell' } },
  { name: 'tls', summary: { ja: 'TLS レポートから分かること', en: 'what TLS reports tell' } },
  { name: 'config', summary: { ja: '設定を調べる・表示する', en: 'check or show the configuration' } },
];
