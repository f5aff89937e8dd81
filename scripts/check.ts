// `npm run check`: all gates except the tests.
import { runGates } from './gates.ts';
import { closingLine } from './tally.ts';

const tally = await runGates();
console.log(closingLine(tally));
process.exitCode = tally.failed === 0 ? 0 : 1;
