export { type Program, type ProgramEnd, type ProgramStart, startProgram } from './start-program.ts';
