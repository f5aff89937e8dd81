import { join } from 'node:path';
import { startSimulator } from '../../simulator/index.ts';
import type { Config } from '../config/index.ts';
import { dnsServers } from './delivery-engine.ts';

/** Where a run delivers to: the configuration it uses, and how to end what it started. */
export type World = {
  readonly config: Config;
  readonly dnsServers: readonly string[];
  stop(): Promise<void>;
};

/** Where returned mail is taken: the simulated providers bring theirs there. */
export type Door = { readonly host: string; readonly port: number };

/**
 * The world of a run: the real one, or with `simulator.seed` a simulated internet on loopback, started for the run, so that
 * nothing of it ever leaves the machine.
 */
export async function openWorld(
  config: Config,
  dataFolder: string,
  door: Door | null = null,
): Promise<World> {
  const { seed, timeScale } = config.simulator;
  if (seed === null) {
    return { config, dnsServers: dnsServers(config), stop: () => Promise.resolve() };
  }
  const folder = join(dataFolder, 'simulator');
  const simulator = await startSimulator({ seed, timeScale, folder, returns: door !== null });
  if (door !== null) simulator.returnTo(door);
  const delivery = { ...config.delivery, port: simulator.smtpPort, tlsCa: simulator.caFile, routes: [] };
  return {
    config: { ...config, delivery },
    dnsServers: [simulator.dnsServer],
    stop: () => simulator.stop(),
  };
}
