export type { Program, ProgramEnd, ProgramStart } from './program.ts';
export { startProgram } from './start-program.ts';
