/**
 * The runner: holds one model and runs it, for the gateway that started it. It lives as long as the gateway does: one that was killed
 * takes its runners along.
 *
 *     main.js [serve [library [ascendcl]]]   runs models in the native runtime over an ONNX Runtime library, and offline ones in AscendCL; or
 *                                            without a library in onnxruntime-node
 *     main.js plugin                         runs models in the plugin that the gateway names with the model
 *     main.js describe library               tells what the native runtime can use, and ends
 *     main.js describe-ascend ascendcl       tells which devices AscendCL has, and ends
 */
import { serveGateway } from '#adapters/runner-client';
import { describeAscendRuntime, describeRuntime, openPluginRuntime, openRuntime, Runner } from './runner.module.ts';

const [, , task = 'serve', libraryPath, ascendLibraryPath] = process.argv;

if (task === 'describe') {
  process.stdout.write(await describeRuntime(libraryPath ?? ''));
} else if (task === 'describe-ascend') {
  process.stdout.write(await describeAscendRuntime(libraryPath ?? ''));
} else {
  // Ctrl-C goes to the whole group of processes; the gateway decides when its runners end.
  process.on('SIGINT', () => {});
  const load = await (task === 'plugin' ? openPluginRuntime() : openRuntime(libraryPath, ascendLibraryPath));
  await serveGateway(new Runner(load));
}
