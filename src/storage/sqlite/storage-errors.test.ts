import { expect, test } from 'vitest';
import { AppError, StorageFull } from '../../base/index.ts';
import { storageError } from './storage-errors.ts';

function sqlite(errcode: number): Error {
  return Object.assign(new Error('said by SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });
}

function system(code: string): Error {
  return Object.assign(new Error(`${code}: said by the system`), { code });
}

// https://www.sqlite.org/rescode.html
const cases: readonly (readonly [string, Error, string])[] = [
  ['SQLITE_FULL', sqlite(13), 'storage-full'],
  ['SQLITE_IOERR_SHMSIZE', sqlite(4_874), 'storage-full'],
  ['SQLITE_IOERR_FSYNC', sqlite(1_034), 'storage-io'],
  ['SQLITE_IOERR_WRITE', sqlite(778), 'storage-io'],
  ['SQLITE_READONLY_DIRECTORY', sqlite(1_544), 'storage-read-only'],
  ['SQLITE_CANTOPEN', sqlite(14), 'storage-denied'],
  ['SQLITE_NOTADB', sqlite(26), 'storage-not-database'],
  ['SQLITE_CORRUPT_INDEX', sqlite(779), 'storage-corrupt'],
  ['SQLITE_BUSY', sqlite(5), 'storage-busy'],
  ['ENOSPC', system('ENOSPC'), 'storage-full'],
  ['EDQUOT', system('EDQUOT'), 'storage-full'],
  ['EIO', system('EIO'), 'storage-io'],
  ['EROFS', system('EROFS'), 'storage-read-only'],
  ['EACCES', system('EACCES'), 'storage-denied'],
  ['EMFILE', system('EMFILE'), 'storage-descriptors'],
  ['ENOTDIR', system('ENOTDIR'), 'storage-not-folder'],
];

test.each(cases)('%s is told as one line', (_, error, code) => {
  const told = storageError(error, './data');
  if (!(told instanceof AppError)) throw new Error('not for a person');
  expect(told.code).toBe(code);
  expect(told.cause).toBe(error);
  expect(told instanceof StorageFull).toBe(code === 'storage-full' || code === 'storage-io');
  for (const language of ['ja', 'en'] as const) {
    expect(told.line(language)).toContain('./data');
    expect(told.line(language)).not.toContain('\n');
  }
});

test('a bug stays what it is, and what is told already too', () => {
  const constraint = sqlite(787);
  const denied = storageError(system('EACCES'), './data');
  for (const error of [constraint, denied, new TypeError('x is undefined'), 'thrown text', undefined]) {
    expect(storageError(error, './data')).toBe(error);
  }
});
