export { createPagesApp } from './pages-app.ts';
export type { PagesEnvironment, PagesParts } from './pages-app.ts';
export type {
  ClosedLink,
  MissedMail,
  NotArrivedDesk,
  RecipientWord,
  TestMail,
  UnsubscribeDesk,
} from './ports.ts';
