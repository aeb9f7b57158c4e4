export { FormatInspector } from './format-inspector.ts';
