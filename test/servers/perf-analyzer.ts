import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { installPython } from './python.ts';
import { runCommand } from './run-command.ts';
import { requireProgram } from './system-program.ts';

/** The wheel is tagged for glibc 2.38; where pip runs on an older one it would take a placeholder instead. */
const VERSION = '2.60.0';
const PLATFORM = 'manylinux_2_38_x86_64';
const MINIMUM_GLIBC = 2.38;
/** The first Debian whose libraries are new enough, and those of them that the program is linked with. */
const DEBIAN = 'trixie';
const LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1', 'libssl3t64', 'zlib1g', 'libzstd1'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The command that runs NVIDIA's perf_analyzer from PyPI; installed on first use. On a system with an older C library, such as Debian
 * 12, it runs with Debian 13's, which are unpacked beside it and change nothing of the system.
 */
export async function installPerfAnalyzer(): Promise<readonly string[]> {
  const directory = cacheDirectory(`perf-analyzer-${VERSION}`);
  const program = join(directory, 'perf_analyzer/bin/perf_analyzer');
  if (!existsSync(join(directory, '.installed'))) await unpackWheel(directory);
  if (glibcVersion() >= MINIMUM_GLIBC) return [program];
  const libraries = join(directory, DEBIAN);
  if (!existsSync(join(libraries, '.installed'))) await unpackLibraries(libraries);
  const search = join(libraries, 'root/usr/lib/x86_64-linux-gnu');
  return [join(search, 'ld-linux-x86-64.so.2'), '--library-path', search, program];
}

async function unpackWheel(directory: string): Promise<void> {
  const python = await installPython();
  const wanted = ['--no-deps', '--only-binary=:all:', '--platform', PLATFORM, `perf-analyzer==${VERSION}`];
  await runCommand(python, ['-m', 'pip', 'download', '--quiet', '--dest', directory, ...wanted]);
  const wheel = readdirSync(directory).find((file) => file.endsWith('.whl')) ?? '';
  await runCommand(python, ['-m', 'zipfile', '--extract', join(directory, wheel), directory]);
  await runCommand('chmod', ['+x', join(directory, 'perf_analyzer/bin/perf_analyzer')]);
  writeFileSync(join(directory, '.installed'), '');
}

/** With lists and folders of its own, so that the system's package manager knows nothing of it. */
async function unpackLibraries(directory: string): Promise<void> {
  await requireProgram('apt-get', ['apt']);
  for (const folder of ['lists/partial', 'cache/archives/partial', 'root'])
    mkdirSync(join(directory, folder), { recursive: true });
  const sources = join(directory, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${debianMirror()} ${DEBIAN} main\n`);
  const options = [
    `Dir::Etc::SourceList=${sources}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${join(directory, 'lists')}`,
    `Dir::Cache=${join(directory, 'cache')}`,
    'Acquire::Languages=none',
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
  await runCommand('apt-get', [...options, '--quiet', 'update']);
  await runCommand('sh', ['-c', 'cd "$0" && apt-get "$@"', directory, ...options, '--quiet', 'download', ...LIBRARIES]);
  for (const file of readdirSync(directory).filter((each) => each.endsWith('.deb')))
    await runCommand('dpkg-deb', ['--extract', join(directory, file), join(directory, 'root')]);
  writeFileSync(join(directory, '.installed'), '');
}

/** Where the system takes its own packages from. */
function debianMirror(): string {
  const format = ['--format', '$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)'];
  const { stdout } = spawnSync('apt-get', ['indextargets', ...format, 'Created-By: Packages'], { encoding: 'utf8' });
  const [, mirror] = /^Debian main [a-z]+ (\S+)$/m.exec(stdout ?? '') ?? [];
  if (mirror !== undefined) return mirror;
  throw new Error(`perf_analyzer needs glibc ${MINIMUM_GLIBC}; only on Debian can the tests bring a newer one along`);
}

function glibcVersion(): number {
  const { stdout } = spawnSync('getconf', ['GNU_LIBC_VERSION'], { encoding: 'utf8' });
  return Number(/glibc (\d+\.\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}
