export { runCli } from './program.ts';
export type { CliOptions } from './program.ts';
export type {
  DeliveryProgress,
  DeliveryReport,
  DeliveryResult,
  DeliveryWatch,
  DemoPlan,
  OpenProduct,
  Product,
  ProductSetting,
  ReadReportFile,
  SendRequest,
  SendResult,
  Simulation,
  SimulationRequest,
  TemplateDescription,
} from './ports.ts';
