export { type AccessPlace, openAccess, type ProgramAccess } from './access.module.ts';
