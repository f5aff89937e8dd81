export { decodeCharset } from './charset.ts';
export { readContentType } from './content-type.ts';
export { rawValue, readableValue, readHeader } from './header.ts';
export type { RawField } from './header.ts';
export { mimeLimits } from './limits.ts';
export type { MimeLimits } from './limits.ts';
export { bodyOctets, bodyText, headerText } from './part.ts';
export type { MimePart } from './part.ts';
export { readMime } from './read-mime.ts';
