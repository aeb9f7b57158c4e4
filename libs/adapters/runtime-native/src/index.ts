export { type AscendDescription, isAddonBuilt, NOT_BUILT } from './addon.ts';
export { bundledLibrary, bundledVersion } from './bundled-library.ts';
export { describeNativeRuntime, type NativeRuntimeDescription, openNativeLibrary } from './native-library.ts';
export { NativeModelSession, type NativeRuntimeChoice } from './native-model-session.ts';
export { describeAscend, OFFLINE_PROVIDER, OfflineModelSession } from './offline-model-session.ts';
export { PROVIDER_OF_TARGET } from './provider-of-target.ts';
