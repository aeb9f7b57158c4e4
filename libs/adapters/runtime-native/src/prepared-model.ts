import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NativeAddon, NativeModelOptions, NativeSession } from './addon.ts';

const MODEL_FILE = 'model.onnx';

/**
 * Loads a model from a folder in which it lies as ONNX Runtime wants it, with weights that all sessions map and share. Whoever comes first makes
 * the folder, in which nobody else may write. What cannot be prepared is loaded from where it is, with weights of its own.
 *
 * @param folder absolute; for this model, this library and this machine alone.
 * @throws what `loadModel` rejects with
 */
export async function loadPrepared(
  addon: NativeAddon,
  options: NativeModelOptions,
  folder: string,
): Promise<NativeSession> {
  try {
    const path = join(folder, MODEL_FILE);
    if (!existsSync(path)) await prepare(addon, options, folder);
    return await addon.loadModel({ ...options, path });
  } catch {
    // No room on the disk, or a model that this library cannot write down. If it cannot be loaded at all, this says why.
    return addon.loadModel(options);
  }
}

async function prepare(addon: NativeAddon, options: NativeModelOptions, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}-`);
  try {
    await addon.prepareModel(options, join(partial, MODEL_FILE));
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another runner was faster.
    if (!existsSync(join(folder, MODEL_FILE))) throw error;
  }
}
