import { readFileSync } from 'node:fs';
import type { Setting } from './setting.ts';

/** The settings of one program, by the name under which the program uses them. */
export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

/** The values of a setting table. */
export type ConfigOf<Table extends SettingTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Setting<infer Value> ? Value : never;
};

/** Environment variables, as Node.js gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Exit status of a program whose configuration is wrong (EX_CONFIG of sysexits.h). */
export const EXIT_CONFIG = 78;

/** Every key that is wrong, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration is not valid:\n  ${problems.join('\n  ')}`);
    this.problems = problems;
  }
}

/** The process's environment: the only place where it is read. */
export function readEnvironment(): Environment {
  return process.env;
}

/**
 * Parses every setting once.
 *
 * @throws ConfigError naming every bad key at once, with what was expected and what was found.
 */
export function loadConfig<Table extends SettingTable>(table: Table, environment: Environment): ConfigOf<Table> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    try {
      values[key] = parseSetting(setting, environment);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as ConfigOf<Table>;
}

function parseSetting(setting: Setting<unknown>, environment: Environment): unknown {
  const text = readText(setting, environment);
  if (text === undefined) throw new Error(`${setting.variable} is required: ${setting.doc}`);
  try {
    return setting.parse(text);
  } catch (error) {
    const got = setting.isSecret ? 'the given secret' : JSON.stringify(text);
    throw new Error(`${setting.variable} must be ${(error as Error).message}, not ${got}`);
  }
}

function readText(setting: Setting<unknown>, environment: Environment): string | undefined {
  const direct = environment[setting.variable];
  const file = environment[`${setting.variable}_FILE`];
  if (direct !== undefined && file !== undefined) {
    throw new Error(`${setting.variable} and ${setting.variable}_FILE are both set: keep one`);
  }
  if (file === undefined) return direct ?? setting.default;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(`${setting.variable}_FILE cannot be read: ${(error as Error).message}`);
  }
}

/** The effective configuration for the log line at start, secrets masked. */
export function redactConfig<Table extends SettingTable>(
  table: Table,
  config: ConfigOf<Table>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([key, setting]) => {
      const value = config[key as keyof Table];
      return [setting.variable, setting.isSecret && value !== undefined ? '(set)' : value];
    }),
  );
}

/** A table for `--help`: every variable with its default and its meaning. */
export function describeSettings(table: SettingTable): string {
  return Object.values(table)
    .map((setting) => {
      const fallback = setting.default === undefined ? 'required' : `default: ${setting.default || 'not set'}`;
      return `  ${setting.variable}\n      ${setting.doc} (${fallback})`;
    })
    .join('\n');
}
