import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DomainError } from '#domain/errors';
import type { ModelFormat } from '#domain/registry';
import { filesBelow } from './files-below.ts';
import { formatOf } from './format-files.ts';
import type { LocalFile, LocalModel, ModelLayout } from './local-model.ts';
import { MLFLOW_FILE, readMlflowModel } from './mlflow-model.ts';
import { isTritonModel, readTritonModel, tritonModelsIn } from './triton-model.ts';

/**
 * Reads how a model lies on the disk: as one file, as a folder of one version's files, as MLflow saved it (with an `MLmodel`), or as a
 * model of a Triton repository (`config.pbtxt` and numbered versions).
 *
 * @param format where a person says it.
 * @throws INPUT_INVALID saying what is missing.
 */
export async function readLocalModel(path: string, format?: ModelFormat): Promise<LocalModel> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new DomainError('INPUT_INVALID', `${path} does not exist`);
  if (!found.isDirectory()) return ofFiles('file', [{ path: basename(path), localPath: path }], format, path);
  if ((await stat(join(path, MLFLOW_FILE)).catch(() => undefined))?.isFile() === true) {
    return { layout: 'mlflow', versions: [await readMlflowModel(path)] };
  }
  if (await isTritonModel(path)) {
    const [first, ...others] = await readTritonModel(path, format);
    if (first !== undefined) return { layout: 'triton', versions: [first, ...others] };
  }
  const models = await tritonModelsIn(path);
  if (models.length > 0) {
    const example = `slipway model import ${path}`;
    throw new DomainError(
      'INPUT_INVALID',
      `${path} is a repository with the models ${models.join(', ')}: push one of its folders, or all with \`${example}\``,
    );
  }
  const files = await filesBelow(path);
  if (files.length === 0) throw new DomainError('INPUT_INVALID', `${path} holds no files`);
  return ofFiles('folder', files, format, path);
}

function ofFiles(
  layout: ModelLayout,
  files: readonly LocalFile[],
  declared: ModelFormat | undefined,
  path: string,
): LocalModel {
  return { layout, versions: [{ ...formatOf(files, declared, path), labels: {}, parameters: {} }] };
}
