/**
 * The rows of a tensor along an axis: where each begins among the elements, and how far apart its elements lie. They come in the order
 * of the elements of the tensor without the axis.
 */
export function lanesOf(shape: readonly number[], axis: number): { starts: number[]; stride: number; length: number } {
  const length = shape[axis] ?? 1;
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const starts = Array.from({ length: outer * stride }, (_, lane) => {
    const block = Math.floor(lane / stride);
    return block * length * stride + (lane % stride);
  });
  return { starts, stride, length };
}
