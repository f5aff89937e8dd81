import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulation, SimulationRequest } from '../cli/index.ts';

/** Starts the simulated internet by itself, for other programs to send to. */
export async function startSimulation(request: SimulationRequest): Promise<Simulation> {
  const { folder, ...options } = request;
  const own = folder === null ? mkdtempSync(join(tmpdir(), 'todoku-simulator-')) : null;
  const clear = (): void => {
    if (own !== null) rmSync(own, { recursive: true, force: true });
  };
  const simulator = await startSimulator({ ...options, folder: own ?? folder ?? '' }).catch(
    (error: unknown) => {
      clear();
      throw error;
    },
  );
  return {
    dnsServer: simulator.dnsServer,
    smtpPort: simulator.smtpPort,
    caFile: simulator.caFile,
    providers: simulator.providers.map(({ id, name, domains }) => ({ id, name, domains })),
    stats: () => simulator.stats(),
    async stop() {
      await simulator.stop();
      clear();
    },
  };
}
