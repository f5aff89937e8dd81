import type { Command, CommandGroup } from '../command.ts';
import { configCheck } from './config-check.ts';
import { configShow } from './config-show.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [configCheck, configShow];

export const groups: readonly CommandGroup[] = [
  { name: 'config', summary: { ja: '設定を調べる・表示する', en: 'check or show the configuration' } },
];
