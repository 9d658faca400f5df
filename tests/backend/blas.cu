// The cuBLAS handle of a context: a product on its stream against naive sums, and its errors.
#include "kernels/cuda/blas.cuh"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"

namespace mckean {
namespace {

TEST(Blas, MultipliesOnTheStreamOfTheContext) {
  // C = A B, column-major: more than a tile of a kernel, at sizes that fill none.
  constexpr int rows = 131, inner = 67, columns = 45;
  const std::vector<double> a = test::random_values(rows * inner, 1);
  const std::vector<double> b = test::random_values(inner * columns, 2);
  std::vector<double> c(rows * columns, 17);
  CudaContext context(0);
  const cuda::DeviceGuard guard(context.ordinal());
  const auto upload = [&](const std::vector<double>& values) {
    const std::size_t bytes = values.size() * sizeof(double);
    auto* const data = static_cast<double*>(context.allocate(bytes, "test memory"));
    cuda::check(
        cudaMemcpyAsync(data, values.data(), bytes, cudaMemcpyHostToDevice, context.stream()),
        "cudaMemcpyAsync");
    return data;
  };
  double* const on_a = upload(a);
  double* const on_b = upload(b);
  double* const on_c = upload(c);

  cublasContext* const handle = context.blas();
  cudaStream_t stream = nullptr;
  cuda::check(cublasGetStream(handle, &stream), "cublasGetStream");
  EXPECT_EQ(stream, context.stream());
  EXPECT_EQ(context.blas(), handle) << "it is opened once";
  const double one = 1, zero = 0;
  cuda::check(cublasDgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, rows, columns, inner, &one, on_a, rows,
                          on_b, inner, &zero, on_c, rows),
              "cublasDgemm");
  cuda::check(cudaMemcpyAsync(c.data(), on_c, c.size() * sizeof(double), cudaMemcpyDeviceToHost,
                              context.stream()),
              "cudaMemcpyAsync");
  context.synchronize();
  for (double* const data : {on_a, on_b, on_c}) context.free(data);

  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      double sum = 0, size = 0;
      for (int k = 0; k < inner; ++k) {
        const double term = a[k * rows + i] * b[j * inner + k];
        sum += term;
        size += std::abs(term);
      }
      // gamma_k of either sum.
      const double bound = 2 * inner * std::numeric_limits<double>::epsilon() / 2 * size;
      EXPECT_NEAR(c[j * rows + i], sum, bound) << i << ' ' << j;
    }
  }
}

TEST(Blas, ErrorsNameTheOperation) {
  CudaContext context(0);
  const double one = 1;
  try {
    cuda::check(cublasDgemm(context.blas(), CUBLAS_OP_N, CUBLAS_OP_N, -1, 1, 1, &one, nullptr, 1,
                            nullptr, 1, &one, nullptr, 1),
                "cublasDgemm");
    ADD_FAILURE() << "a matrix of -1 rows";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).rfind("CUDA: cublasDgemm: ", 0), 0u) << error.what();
  }
}

}  // namespace
}  // namespace mckean
