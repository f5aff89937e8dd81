import { expect, test } from 'vitest';
import { AppError } from '../base/index.ts';
import { packFailure, unpackFailure } from './thread-failure.ts';

const across = (error: unknown): unknown => unpackFailure(structuredClone(packFailure(error)));

test('an error meant for a person arrives as one', () => {
  const error = new AppError({
    code: 'template-unreadable',
    message: { ja: '読めません', en: 'cannot be read' },
    hint: { ja: '確かめてください', en: 'look' },
    exitCode: 1,
    cause: new Error('ENOENT'),
  });
  const arrived = across(error);
  expect(arrived).toBeInstanceOf(AppError);
  expect(arrived).toMatchObject({ code: error.code, text: error.text, hint: error.hint, exitCode: 1 });
});

test('a bug stays a bug', () => {
  const arrived = across(new TypeError('x is not a function'));
  expect(arrived).not.toBeInstanceOf(AppError);
  expect(arrived).toMatchObject({ message: 'x is not a function' });
});
