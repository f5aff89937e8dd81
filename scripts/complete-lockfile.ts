// `npm run lockfile`, after each `npm install`: writes into package-lock.json the optional packages of all platforms.
// npm leaves out those that its registry does not have at that moment, and `npm ci` then refuses the file everywhere.
// What is added has no hash, as nobody has seen it; `npm install` on that platform writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { root } from './run-program.ts';

// Records keep the order of their keys, so that nothing moves in the file.
const record = z.record(z.string(), z.unknown());
const owning = z.object({
  dev: z.boolean().default(false),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** `@oxlint/binding-linux-arm64-musl` says for which system, processor and C library it is. */
function platformOf(name: string): Record<string, readonly string[]> {
  const words = name.split(/[-/]/);
  const system = systems.filter((one) => words.includes(one));
  const processor = processors.filter((one) => words.includes(one));
  if (system.length !== 1 || processor.length !== 1)
    throw new Error(`${name} names no platform; look at its package.json`);
  const library = words.some((word) => word.startsWith('musl')) ? ['musl'] : ['glibc'];
  return { cpu: processor, os: system, ...(system[0] === 'linux' ? { libc: library } : {}) };
}

const file = path.join(root, 'package-lock.json');
const lock = record.parse(JSON.parse(readFileSync(file, 'utf8')));
const packages = record.parse(lock['packages']);
const added = new Map<string, unknown>();
for (const [owner, facts] of Object.entries(packages)) {
  const { dev, optionalDependencies } = owning.parse(facts);
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (`${owner}/node_modules/${name}` in packages || `node_modules/${name}` in packages) continue;
    if (!/^\d+\.\d+\.\d+$/.test(version))
      throw new Error(`${owner} wants ${name} ${version}: not one version`);
    const platform = platformOf(name);
    added.set(`node_modules/${name}`, { version, ...platform, ...(dev ? { dev } : {}), optional: true });
  }
}
const byName = [...Object.entries(packages), ...added].toSorted(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(byName) }, null, 2)}\n`);
console.log(`package-lock.json: ${added.size} packages of other platforms added`);
