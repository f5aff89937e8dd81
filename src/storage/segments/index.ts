export type { RecordPlace } from './record.ts';
export { openSegmentLog } from './segment-log.ts';
export type { SegmentLog, SegmentLogOptions } from './segment-log.ts';
export { createSegmentReader } from './segment-reader.ts';
export type { SegmentReader } from './segment-reader.ts';
