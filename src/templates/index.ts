export { compileTemplateTexts, prepareTemplate } from './prepare.ts';
export type { TemplateDraft, TemplateFault } from './prepare.ts';
export type { NewTemplate, Template, TemplatePage, TemplateStore } from './template.ts';
