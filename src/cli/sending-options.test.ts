import { describe, expect, test } from 'vitest';
import { AppError } from '../base/index.ts';
import { createInput } from './command-input.ts';
import { sendingFrom } from './sending-options.ts';

function read(options: Readonly<Record<string, string>>): ReturnType<typeof sendingFrom> {
  return sendingFrom(createInput([], new Map(Object.entries(options))));
}

function codeOf(options: Readonly<Record<string, string>>): string {
  try {
    read(options);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'none';
}

describe('when the mails of a campaign may go', () => {
  test('at any time, unless it is said', () => {
    expect(read({})).toEqual({ stream: 'bulk', window: null, timezone: null });
    expect(read({ stream: 'transactional' }).stream).toBe('transactional');
    const asked = { window: ' 22:00-06:00 ', timezone: 'Asia/Tokyo' };
    expect(read(asked)).toEqual({ stream: 'bulk', window: '22:00-06:00', timezone: 'Asia/Tokyo' });
  });

  test.each([
    [{ window: '9-20' }, 'usage-window'],
    [{ window: '' }, 'usage-window'],
    [{ window: '09:00-09:00' }, 'usage-window'],
    [{ window: '00:00-24:00' }, 'usage-window'],
    [{ window: '09:60-20:00' }, 'usage-window'],
    [{ timezone: 'Asia/Tokio' }, 'usage-timezone'],
    [{ timezone: '' }, 'usage-timezone'],
    [{ timezone: 'x'.repeat(10_000) }, 'usage-timezone'],
    [{ stream: 'transactional', window: '09:00-20:00' }, 'usage-window-of-transactional'],
  ])('%o is refused', (options, code) => {
    expect(codeOf(options)).toBe(code);
  });
});
