export { runCli } from './program.ts';
export type { CliOptions } from './program.ts';
export type {
  DeliveryProgress,
  DeliveryReport,
  DeliveryResult,
  DeliveryWatch,
  DemoPlan,
  IntakeRequest,
  IntakeResult,
  IntakeWatch,
  OpenProduct,
  Product,
  ProductSetting,
  ReadReportFile,
  SendRequest,
  SendResult,
  ServeResult,
  ServeStart,
  ServeWatch,
  Simulation,
  SimulationRequest,
  TemplateDescription,
} from './ports.ts';
