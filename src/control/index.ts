export { connectControl } from './client.ts';
export type { ControlLine } from './client.ts';
export { openControl } from './server.ts';
export type { Control, ControlAction, ControlActions, ControlParts, ControlSession } from './server.ts';
