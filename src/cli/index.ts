export type { CheckCommands } from './check-commands.ts';
export type { CheckAnswer } from './check-answer.ts';
export type { DiagnosisInbox } from './diagnosis-inbox.ts';
export type { MessageAnswer, MessageRequest } from './message-request.ts';
export { runCli } from './program.ts';
export type { CliOptions } from './program.ts';
export type {
  RotationAnswer,
  LiftedStops,
  LiftQuestion,
  ReplayAnswer,
  ReplayedReaction,
  SourceAccount,
  SourceCheck,
  SourceStanding,
  StopInForce,
  DeliveryProgress,
  DeliveryReport,
  DeliveryResult,
  DeliveryWatch,
  DomainAnswer,
  DomainRequest,
  DomainSetup,
  DomainVerification,
  IntakeRequest,
  IntakeResult,
  IntakeWatch,
  ErrorEntry,
  ErrorHistory,
  ErrorQuestion,
  ExplainedSite,
  OpenProduct,
  Product,
  ProductSetting,
  ReadReportFile,
  MailboxRequest,
  SendRequest,
  SendResult,
  ServeResult,
  ServeStart,
  ServeWatch,
  TemplateDescription,
  WebhookAccount,
  WebhookCommands,
  LocalAnswer,
  LocalRequest,
} from './ports.ts';
export type { DemoPlan, Simulation, SimulationRequest } from './simulation-ports.ts';
export type {
  AddressListAnswer,
  AddressListRequest,
  AddressListWatch,
  ListingHistory,
} from './check-ports.ts';
