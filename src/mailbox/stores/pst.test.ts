import { expect, test } from 'vitest';
import { pstChecksum, readPst } from './pst.ts';

// The header of a file that Outlook wrote, as outlook.pst(5) of libpst prints it: our own files cannot prove the checksum.
const beginning = `
21 42 44 4e 49 f8 64 d9 53 4d 0e 00 13 00 01 01 00 00 00 00 00 00 00 00 50 d6 03 00 bd 1e 02 00
08 4c 00 00 00 04 00 00 00 04 00 00 0f 04 00 00 0d 40 00 00 99 0a 01 00 18 04 00 00 0d 40 00 00
0d 40 00 00 11 80 00 00 02 04 00 00 0a 04 00 00 00 04 00 00 00 04 00 00 0f 04 00 00 0f 04 00 00
0f 04 00 00 0d 40 00 00 00 04 00 00 00 04 00 00 04 40 00 00 00 04 00 00 00 04 00 00 00 04 00 00
00 04 00 00 00 04 00 00 00 04 00 00 00 04 00 00 00 04 00 00 00 04 00 00 00 04 00 00 00 04 00 00
0c 09 00 00 00 00 00 00 00 04 27 00 00 24 23 00 c0 09 0a 00 00 c8 00 00 bc 1e 02 00 00 7e 0c 00
b4 1e 02 00 00 54 00 00 01 00 00 00 23 55 44 d1 5a 4f ce 6b 80 ff ff ff`;

function realHeader(): Buffer {
  const header = Buffer.alloc(512);
  Buffer.from(beginning.replaceAll(/\s/g, ''), 'hex').copy(header);
  header.fill(0xff, 0x14c, 0x1cc);
  header.set([0x3f], 0x14c);
  header.set([0x80, 0x01], 0x1cc);
  return header;
}

test('the checksum of a header that Outlook wrote', () => {
  expect(pstChecksum(realHeader().subarray(8, 479))).toBe(0xd964f849);
});

test('a real header is read; only what lies behind it is missing', async () => {
  const header = realHeader();
  const read = await readPst(
    { size: header.length, read: (at, length) => Promise.resolve(header.subarray(at, at + length)) },
    10,
  );
  expect(read).toMatchObject({ form: 'pst-ansi', damage: 'cut', wasLeftOpen: false, isCopyOfServer: false });
});
