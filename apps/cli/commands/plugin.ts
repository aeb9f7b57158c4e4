import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { DomainError } from '#domain/errors';
import { PLUGIN_KINDS, type PluginKind } from '#domain/plugin';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';
import { pluginTemplate } from '../plugin-template.ts';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** `slipway plugin …` */
export function registerPluginCommands(program: Command, context: CliContext): void {
  const plugin = program.command('plugin').description('write plugins, check them, and see those that run');
  registerNew(plugin);
  registerCheck(plugin, context);
  registerList(plugin, context);
}

function registerNew(plugin: Command): void {
  plugin
    .command('new')
    .description('write a plugin that works, with a test, to begin with')
    .argument('<name>', 'by which manifests and messages name it; also the name of its folder')
    .addOption(new Option('--kind <kind>', 'what it does').choices(PLUGIN_KINDS).makeOptionMandatory())
    .option('--in <folder>', 'where its folder is made', '.')
    .action((name: string, options: { readonly kind: PluginKind; readonly in: string }) => {
      if (!NAME.test(name)) {
        throw new DomainError('NAME_INVALID', `${name} is no name: use lower-case letters, digits and hyphens`);
      }
      const folder = resolve(options.in, name);
      if (existsSync(folder)) throw new DomainError('INPUT_INVALID', `${folder} is there already`);
      mkdirSync(folder, { recursive: true });
      const files = Object.entries(pluginTemplate(name, options.kind));
      for (const [file, text] of files) writeFileSync(join(folder, file), text);
      const written = files.map(([file]) => `  ${file}`).join('\n');
      process.stdout.write(
        `${folder} has\n${written}\nTry it with: node --test ${join(folder, 'index.test.ts')}\n` +
          `Allow it with what prints: slipway plugin check ${folder}\n`,
      );
    });
}

function registerCheck(plugin: Command, context: CliContext): void {
  plugin
    .command('check')
    .description('say what is wrong with a plugin, or print the entry that allows it in the list of plugins')
    .argument('<folder>', 'of the plugin')
    .addOption(new Option('--json', 'print JSON'))
    .action(async (folder: string, { json }: { readonly json?: boolean }) => {
      const { manifest, digest } = await context.localPlugins.check(folder);
      const { name, version, kind } = manifest;
      const path = resolve(folder);
      printResult(json, { name, version, kind, interface: manifest.interface, path, digest }, () =>
        [`# ${name} ${version}, ${kind}`, `- path: ${path}`, `  digest: ${digest}`, ...servingEntry(name, kind)].join(
          '\n',
        ),
      );
    });
}

/** What only the operator can say. */
function servingEntry(name: string, kind: PluginKind): readonly string[] {
  if (kind !== 'runtime') return [];
  return [`  serves: [{ format: ${name} }]  # the variants that it runs: by their format, their target, or both`];
}

function registerList(plugin: Command, context: CliContext): void {
  plugin
    .command('list')
    .description('list the plugins of the controller and of the gateways attached to it')
    .addOption(new Option('--json', 'print JSON'))
    .action(async ({ json }: { readonly json?: boolean }) => {
      const plugins = await context.controller().plugins();
      printResult(json, plugins, () =>
        plugins.length === 0
          ? 'no plugins run'
          : table(
              ['PLUGIN', 'VERSION', 'KIND', 'RUNS IN', 'STATE', 'CALLS', 'FAILED', 'LAST ERROR'],
              plugins.map((one) => [
                one.name,
                one.version,
                one.kind === 'authSource' ? 'auth-source' : one.kind,
                one.gatewayId === null ? one.program : `${one.program} ${one.gatewayId.slice(0, 8)}`,
                one.state,
                String(one.calls),
                String(one.failures),
                one.lastError ?? '-',
              ]),
            ),
      );
    });
}
