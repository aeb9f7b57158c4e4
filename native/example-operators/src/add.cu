// Element-wise addition. ELEMENT and the number of threads are told by whoever compiles this.

extern "C" __global__ void add(const ELEMENT *left, const ELEMENT *right, ELEMENT *sum, long long count) {
  const long long stride = (long long)gridDim.x * blockDim.x;
  for (long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x; index < count; index += stride) {
    sum[index] = left[index] + right[index];
  }
}
