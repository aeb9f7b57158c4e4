import { readFile } from 'node:fs/promises';
import { decodeRestRequest } from '#adapters/open-inference';
import { type RecordedRequest, type RecordedRequests, recordedFiles, type ServedFile } from '#application/serving';
import { DomainError } from '#domain/errors';
import { type ModelSignature, validateInputs, validateOutputNames } from '#domain/inference';

const MAX_BYTES = 16 * 1024 * 1024;

/** Recorded requests as JSON bodies of the Open Inference Protocol, read from the files around a model. */
export class RecordedRequestFiles implements RecordedRequests {
  async read(
    modelPath: string,
    files: readonly ServedFile[],
    signature: ModelSignature,
  ): Promise<readonly RecordedRequest[]> {
    const [main] = files;
    const folder = modelPath.slice(0, modelPath.length - (main?.path.length ?? 0));
    const requests: RecordedRequest[] = [];
    for (const file of recordedFiles(files)) requests.push(await readOne(`${folder}${file.path}`, file, signature));
    return requests;
  }
}

async function readOne(path: string, file: ServedFile, signature: ModelSignature): Promise<RecordedRequest> {
  try {
    if (file.sizeBytes > MAX_BYTES)
      throw new DomainError('REQUEST_TOO_LARGE', `it has ${file.sizeBytes} bytes; ${MAX_BYTES} are allowed`);
    const { inputs, outputNames } = decodeRestRequest(await readFile(path), undefined, () => signature);
    validateInputs(signature, inputs);
    return { file: file.path, inputs, outputNames: validateOutputNames(signature, outputNames) };
  } catch (error) {
    const reason = error instanceof DomainError ? error.message : 'it cannot be read';
    throw new DomainError(
      'MODEL_LOAD_FAILED',
      `the recorded request ${file.path} cannot be used: ${reason}`,
      {},
      { cause: error },
    );
  }
}
