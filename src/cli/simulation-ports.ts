import type { Bilingual } from '../base/index.ts';
import type { SendRequest } from './ports.ts';

/** What `todoku demo` works with. */
export type DemoPlan = {
  readonly configFile: string;
  readonly dataFolder: string;
  readonly request: SendRequest;
};

/** Writes the demo's files into a folder. */
export type WriteDemo = (folder: string, count: number) => DemoPlan;

export type SimulationRequest = {
  readonly seed: string;
  /** null: a temporary one, removed at the end. */
  readonly folder: string | null;
  /** 0: a free one. */
  readonly port: number;
  readonly dnsPort: number;
  readonly timeScale: number;
};

/** The simulated internet, running. */
export type Simulation = {
  readonly dnsServer: string;
  readonly smtpPort: number;
  readonly caFile: string | null;
  readonly providers: readonly {
    readonly id: string;
    readonly name: Bilingual;
    readonly domains: readonly string[];
  }[];
  /** By provider. */
  stats(): Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
};

export type StartSimulation = (request: SimulationRequest) => Promise<Simulation>;
