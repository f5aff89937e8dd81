export { accept } from './decision.ts';
export type { Decision, ReceivedMessage, Session, SmtpHooks } from './decision.ts';
export type { SmtpServerOptions } from './dialog.ts';
export type { Keep } from './mail-data.ts';
export { startSmtpServer } from './server.ts';
export type { SmtpServer } from './server.ts';
