// The gated normalisation: one block of THREADS threads, a power of two, for a row at a time.

extern "C" __global__ void gated_rms_norm(const float *x, const float *gate, const float *weight, float *y,
                                          long long rows, long long width, float epsilon) {
  __shared__ float partial[THREADS];
  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    const long long first = row * width;
    float squares = 0.0f;
    for (long long column = threadIdx.x; column < width; column += THREADS) {
      const float shut = gate[first + column];
      const float gated = x[first + column] * (shut / (1.0f + expf(-shut)));
      y[first + column] = gated;
      squares += gated * gated;
    }
    partial[threadIdx.x] = squares;
    __syncthreads();
    for (int half = THREADS / 2; half > 0; half /= 2) {
      if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
      __syncthreads();
    }
    const float scale = 1.0f / sqrtf(partial[0] / width + epsilon);
    // Each thread scales what it has written itself.
    for (long long column = threadIdx.x; column < width; column += THREADS) {
      y[first + column] *= scale * weight[column];
    }
    // The next row writes to what this one has read.
    __syncthreads();
  }
}
