import { openProgram } from './program.module.ts';
import { runProgram } from './run-program.ts';

await runProgram(openProgram(), process.argv.slice(2));
