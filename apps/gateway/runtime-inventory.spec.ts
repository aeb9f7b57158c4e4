import { describe, expect, it } from 'vitest';
import { devicesIn, processor } from './runtime-inventory.ts';

const nvidiaDriver = `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22)
GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)`;
const device = { kind: 'gpu', vendor: 'NVIDIA', modelId: 0x2335, metadata: {} };
const described = (...devices: (typeof device & { provider: string })[]) => ({ version: '1', providers: [], devices });
const targetOf = (provider: string) => ({ cpu: 'cpu', cuda: 'cuda' })[provider];

describe('devicesIn', () => {
  it('tells name and driver of a GPU', () => {
    const library = described({ ...device, provider: 'cuda' });
    expect(devicesIn(library, targetOf, 1024, nvidiaDriver)).toEqual([
      { target: 'cuda', kind: 'gpu', name: 'NVIDIA gpu 0x2335', driver: '580.95.05' },
    ]);
  });

  it('tells nothing that it does not know', () => {
    const library = described(
      { ...device, provider: 'cuda', vendor: '' },
      { ...device, provider: 'XnnpackExecutionProvider' },
    );
    expect(devicesIn(library, targetOf, 1024, '')).toEqual([
      { target: 'cuda', kind: 'gpu', name: 'unknown gpu 0x2335' },
    ]);
  });

  it('asks the system about the processor', () => {
    const library = described({ ...device, provider: 'cpu', kind: 'cpu', vendor: 'Intel' });
    expect(devicesIn(library, targetOf, 1024, '')).toEqual([processor(1024)]);
    expect(processor(1024)).toEqual({
      target: 'cpu',
      kind: 'cpu',
      name: expect.stringMatching(/./),
      memoryBytes: 1024,
    });
  });
});
