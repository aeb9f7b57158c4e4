import { closeSync, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { DomainError } from '#domain/errors';

/** Most that one lane can hold. Memory is taken as it is touched, not as it is mapped. */
export const LANE_SPAN_BYTES = 2 ** 32;
const FIRST_MAPPING_BYTES = 2 ** 16;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** No other size, for nobody: who touches memory that a file has lost is ended by the system. */
const SEAL_SIZE = 1 | 2 | 4;

const isLinux = process.platform === 'linux';
// Opened when first used: a program without runners needs none of it.
let system: ReturnType<typeof openSystem> | undefined;

function openSystem() {
  // The program itself is linked with its C library, whichever that is.
  const c = koffi.load(null);
  return {
    munmap: c.func('int munmap(void *address, size_t length)'),
    mmap: c.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)'),
    fcntl: c.func('int fcntl(int fd, int command, ...)'),
    memfdCreate: isLinux ? c.func('int memfd_create(const char *name, unsigned int flags)') : undefined,
  };
}

function systemCalls(): ReturnType<typeof openSystem> {
  system ??= openSystem();
  return system;
}

/**
 * Memory that a gateway and one runner both see, cut into lanes. A lane carries one run at a time, and whose turn it is to write is
 * settled by the doorbells beside it (see {@link RunnerProcess}). Neither can change the other's view of how much there is.
 */
export class SharedMemory {
  /** To be handed to the other process. */
  readonly fd: number;
  readonly #lanes = new Map<number, Lane>();

  private constructor(fd: number) {
    this.fd = fd;
  }

  /**
   * New memory, empty; it is gone when the last process has closed it.
   *
   * @throws RUNNER_UNAVAILABLE
   */
  static create(lanes: number): SharedMemory {
    const sizeBytes = lanes * LANE_SPAN_BYTES;
    return new SharedMemory(isLinux ? openMemoryFile(sizeBytes) : openNamelessFile(sizeBytes));
  }

  /** The memory behind a file descriptor that was inherited. */
  static open(fd: number): SharedMemory {
    return new SharedMemory(fd);
  }

  lane(index: number): Lane {
    let lane = this.#lanes.get(index);
    if (lane === undefined) {
      lane = new Lane(this.fd, index * LANE_SPAN_BYTES);
      this.#lanes.set(index, lane);
    }
    return lane;
  }

  /** Gives the memory back. Nobody may touch a lane afterwards. */
  close(): void {
    for (const lane of this.#lanes.values()) lane.close();
    closeSync(this.fd);
  }
}

/** A part of shared memory, mapped as far as it was needed. */
export class Lane {
  readonly #fd: number;
  readonly #offset: number;
  readonly #mappings: { readonly address: unknown; readonly length: number }[] = [];
  #bytes = new Uint8Array(0);
  #words = new Float64Array(0);

  constructor(fd: number, offset: number) {
    this.#fd = fd;
    this.#offset = offset;
  }

  /**
   * The lane's memory, at least so much of it. Views of an earlier, shorter mapping stay valid and show the same memory.
   *
   * @throws REQUEST_TOO_LARGE, RUNNER_UNAVAILABLE
   */
  bytes(atLeast = FIRST_MAPPING_BYTES): Uint8Array {
    if (atLeast > this.#bytes.byteLength) this.#map(atLeast);
    return this.#bytes;
  }

  /** The same memory as 64-bit floats, which hold every size exactly. */
  words(atLeastBytes?: number): Float64Array {
    this.bytes(atLeastBytes);
    return this.#words;
  }

  close(): void {
    this.#bytes = new Uint8Array(0);
    this.#words = new Float64Array(0);
    for (const { address, length } of this.#mappings.splice(0)) systemCalls().munmap(address, length);
  }

  #map(atLeast: number): void {
    if (atLeast > LANE_SPAN_BYTES) {
      throw new DomainError(
        'REQUEST_TOO_LARGE',
        `one run may have ${LANE_SPAN_BYTES} bytes of tensors, not ${atLeast}`,
      );
    }
    const length = Math.max(FIRST_MAPPING_BYTES, 2 ** Math.ceil(Math.log2(atLeast)));
    const address = systemCalls().mmap(null, length, PROT_READ_WRITE, MAP_SHARED, this.#fd, this.#offset);
    if (koffi.address(address) === 0xffff_ffff_ffff_ffffn) {
      throw new DomainError('RUNNER_UNAVAILABLE', `the system maps no ${length} bytes of shared memory`);
    }
    this.#mappings.push({ address, length });
    const buffer = koffi.view(address, length);
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Float64Array(buffer);
  }
}

function openMemoryFile(sizeBytes: number): number {
  const { memfdCreate, fcntl } = systemCalls();
  const fd: unknown = memfdCreate?.('slipway-runner', MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (typeof fd !== 'number' || fd < 0) throw withoutMemory();
  ftruncateSync(fd, sizeBytes);
  fcntl(fd, F_ADD_SEALS, 'int', SEAL_SIZE);
  return fd;
}

function openNamelessFile(sizeBytes: number): number {
  const path = join(tmpdir(), `slipway-runner-${process.pid}-${process.hrtime.bigint()}`);
  try {
    const fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    ftruncateSync(fd, sizeBytes);
    return fd;
  } catch (error) {
    throw withoutMemory(error);
  }
}

function withoutMemory(cause?: unknown): DomainError {
  return new DomainError('RUNNER_UNAVAILABLE', 'the system gives no shared memory for a runner', {}, { cause });
}
