import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What a process did to the disk, in order. */
export type DiskCall =
  | { readonly call: 'write'; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly call: 'truncate'; readonly path: string; readonly length: number }
  /** `fsync` and `fdatasync`, of a file or a folder. */
  | { readonly call: 'sync'; readonly path: string }
  | { readonly call: 'create'; readonly path: string; readonly empties: boolean }
  | { readonly call: 'rename'; readonly path: string; readonly to: string }
  | { readonly call: 'unlink'; readonly path: string }
  /** A line on standard output. */
  | { readonly call: 'say'; readonly line: string };

/** Options of strace that make it write what `readCalls` reads: one file a thread, all strings whole and in hexadecimal. */
export const straceOptions: readonly string[] = [
  '-ff',
  '-y',
  '-xx',
  '-s',
  '1000000',
  '-e',
  'trace=openat,pwrite64,write,ftruncate,fdatasync,fsync,unlink,rename',
];

// `name(first, …) = result`; a failed call changed nothing.
const line = /^(\w+)\((.*)\) += (\d+)/s;

/** Reads the calls of one thread that concern files below `folder`, and its standard output. */
export async function readCalls(log: string, folder: string): Promise<readonly DiskCall[]> {
  const calls: DiskCall[] = [];
  for await (const text of createInterface({ input: createReadStream(log, 'latin1') })) {
    const [, name = '', parameters = '', result = ''] = line.exec(text) ?? [];
    const call = read(name, parameters, Number(result));
    if (call !== null && (call.call === 'say' || call.path.startsWith(folder))) calls.push(call);
  }
  return calls;
}

function read(name: string, parameters: string, result: number): DiskCall | null {
  switch (name) {
    case 'openat':
      return opened(parameters);
    case 'pwrite64':
      return {
        call: 'write',
        path: ofDescriptor(parameters),
        offset: last(parameters),
        bytes: first(parameters),
      };
    case 'write':
      return written(parameters, result);
    case 'ftruncate':
      return { call: 'truncate', path: ofDescriptor(parameters), length: last(parameters) };
    case 'fsync':
    case 'fdatasync':
      return { call: 'sync', path: ofDescriptor(parameters) };
    case 'unlink':
      return { call: 'unlink', path: first(parameters).toString() };
    case 'rename': {
      const [path = '', to = ''] = strings(parameters).map(String);
      return { call: 'rename', path, to };
    }
    default:
      return null;
  }
}

function opened(parameters: string): DiskCall | null {
  if (!parameters.includes('O_CREAT')) return null;
  return { call: 'create', path: first(parameters).toString(), empties: parameters.includes('O_TRUNC') };
}

function written(parameters: string, result: number): DiskCall {
  const bytes = first(parameters).subarray(0, result);
  if (parameters.startsWith('1<')) return { call: 'say', line: bytes.toString().trimEnd() };
  // Node writes its small files in one call from the beginning.
  return { call: 'write', path: ofDescriptor(parameters), offset: 0, bytes };
}

/** `24<\x2f…>, …` → the path of descriptor 24. */
function ofDescriptor(parameters: string): string {
  return unhex(/^\d+<([^>]*)>/.exec(parameters)?.[1] ?? '').toString();
}

function strings(parameters: string): readonly Buffer[] {
  return [...parameters.matchAll(/"([^"]*)"/g)].map(([, hex = '']) => unhex(hex));
}

function first(parameters: string): Buffer {
  const start = parameters.indexOf('"') + 1;
  return unhex(parameters.slice(start, parameters.indexOf('"', start)));
}

function last(parameters: string): number {
  return Number(parameters.slice(parameters.lastIndexOf(',') + 1));
}

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
