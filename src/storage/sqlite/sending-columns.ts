import { parseSendingWindow } from '../../delivery/index.ts';
import type { OpenCampaign } from '../../delivery/index.ts';
import { textOrNull } from './row.ts';
import type { Row } from './row.ts';

/** When the messages of a campaign may be sent; `timezone`: the name of that column. */
export function sendingOf(row: Row, timezone = 'timezone'): Omit<OpenCampaign, 'id' | 'lastId'> {
  const window = textOrNull(row, 'sending_window');
  return {
    stream: row['stream'] === null ? 'bulk' : 'transactional',
    window: window === null ? null : parseSendingWindow(window),
    timezone: textOrNull(row, timezone),
  };
}

/** A recipient's time zone as written in the list: a cell that is empty says nothing. */
export function timezoneIn(cell: string | null | undefined): string | null {
  const name = cell?.trim() ?? '';
  return name === '' ? null : name;
}
