export { compileContent } from './compile-content.ts';
export type { CompiledContent, ComposedMessage, ComposeOptions } from './compile-content.ts';
export type { ComposeFailure } from './compose-failure.ts';
export type { ComposeRecipient, Content, Stamp } from './content.ts';
export type { TemplateInspection } from './inspection.ts';
export type { ComposeLimits } from './liquid-engine.ts';
export { recycleMessage } from './message-buffers.ts';
export { undefinedVariables } from './template-variables.ts';
export type { VariableUse } from './template-variables.ts';
