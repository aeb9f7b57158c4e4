import { Command } from 'commander';
import { registerAuditCommands } from './commands/audit.ts';
import { registerAuthCommands } from './commands/auth.ts';
import { registerDeployCommand } from './commands/deploy.ts';
import { registerInferCommand } from './commands/infer.ts';
import { registerModelCommands } from './commands/model.ts';
import { registerPluginCommands } from './commands/plugin.ts';
import { registerQuickstartCommand } from './commands/quickstart.ts';
import { registerRegistryCommands } from './commands/registry.ts';
import { registerRolloutCommands } from './commands/rollout.ts';
import { registerRuntimesCommand } from './commands/runtimes.ts';
import { registerServeCommand } from './commands/serve.ts';
import type { CliContext, ManifestTexts } from './context.ts';

/** What the program is made of. */
export interface ProgramParts {
  /** Given the program, because its global options say where the servers are. */
  readonly createContext: (program: Command) => CliContext;
  readonly manifests: ManifestTexts;
  /** Path of the all-in-one's built program. */
  readonly serverProgram: string;
  readonly version: string;
}

/** The `slipway` command. */
export function createProgram({ createContext, manifests, serverProgram, version }: ProgramParts): Command {
  const program = new Command('slipway')
    .description('A model registry and serving gateway whose releases are Git commits.')
    .version(version)
    .option('--registry <url>', 'base URL of the registry (SLIPWAY_REGISTRY_URL)')
    .option('--gateway <url>', 'base URL of the gateway (SLIPWAY_GATEWAY_URL)')
    .option('--controller <url>', 'base URL of the controller (SLIPWAY_CONTROLLER_URL)')
    .option('--repo <url>', 'repository of the manifests (SLIPWAY_GIT_URL)')
    .option('--verbose', 'show where errors come from')
    .showHelpAfterError('(--help explains the command)')
    .addHelpText('after', '\nA server started by `slipway serve` in the same folder is found by itself.');
  const context = createContext(program);
  registerModelCommands(program, context);
  registerRegistryCommands(program, context);
  registerAuditCommands(program, context);
  registerDeployCommand(program, context, manifests);
  registerRolloutCommands(program, context);
  registerInferCommand(program, context);
  registerAuthCommands(program, context);
  registerPluginCommands(program, context);
  registerRuntimesCommand(program, context);
  registerServeCommand(program, serverProgram);
  registerQuickstartCommand(program, context, serverProgram);
  return program;
}
