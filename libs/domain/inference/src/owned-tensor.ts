import type { Tensor } from './tensor.ts';

/** The tensor with bytes of its own: whoever keeps a tensor must not keep the request, answer or shared memory around it. */
export function ownedTensor(tensor: Tensor): Tensor {
  return { ...tensor, data: new Uint8Array(tensor.data) };
}
