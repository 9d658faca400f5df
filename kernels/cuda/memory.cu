// Opening a device, its memory, and copies to, from and within it.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/cuda_context.cuh"

namespace mckean {

using cuda::check;
using cuda::DeviceGuard;
using cuda::PinnedSlots;

CudaContext::CudaContext(int device) : ordinal_(device) {
  try {
    open();
  } catch (...) {
    close();
    throw;
  }
}

CudaContext::~CudaContext() { close(); }

void CudaContext::open() {
  const DeviceGuard guard(ordinal_);
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, ordinal_), "cudaGetDeviceProperties");
  name_ = properties.name;
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
  cudaMemPoolProps pool{};
  pool.allocType = cudaMemAllocationTypePinned;
  pool.location.type = cudaMemLocationTypeDevice;
  pool.location.id = ordinal_;
  check(cudaMemPoolCreate(&pool_, &pool), "cudaMemPoolCreate");
  // What a step frees the next one takes again: nothing goes back to the device in between.
  std::uint64_t keep = UINT64_MAX;
  check(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep),
        "cudaMemPoolSetAttribute");
}

void CudaContext::close() noexcept {
  // After an error the driver frees everything with the process.
  const DeviceGuard guard(ordinal_, std::nothrow);
  if (stream_ != nullptr) static_cast<void>(cudaStreamSynchronize(stream_));
  blas_.reset();
  for (const PinnedSlots& slots : pinned_) {
    static_cast<void>(cudaFreeHost(slots.values));
    static_cast<void>(cudaEventDestroy(slots.copied));
  }
  for (cudaEvent_t mark : marks_) static_cast<void>(cudaEventDestroy(mark));
  if (pool_ != nullptr) static_cast<void>(cudaMemPoolDestroy(pool_));
  if (stream_ != nullptr) static_cast<void>(cudaStreamDestroy(stream_));
}

void* CudaContext::allocate(std::size_t bytes, const char* what) {
  const DeviceGuard guard(ordinal_);
  void* data = nullptr;
  // Not 0 bytes, so that every allocation has memory of its own.
  const cudaError_t status =
      cudaMallocFromPoolAsync(&data, std::max<std::size_t>(bytes, 1), pool_, stream_);
  if (status != cudaSuccess) {
    check(status, (std::string(what) + " of " + std::to_string(bytes) + " bytes").c_str());
  }
  return data;
}

void CudaContext::free(void* data) noexcept {
  if (data == nullptr) return;
  const DeviceGuard guard(ordinal_, std::nothrow);
  static_cast<void>(cudaFreeAsync(data, stream_));
}

void CudaContext::synchronize() {
  const DeviceGuard guard(ordinal_);
  check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
}

void CudaContext::throttle(double operations) {
  constexpr double most_queued = 1e11;  // a tenth of a second at most
  constexpr std::size_t most_marks = 2;
  const DeviceGuard guard(ordinal_);
  cudaEvent_t oldest = nullptr;
  {
    const std::lock_guard lock(mutex_);
    queued_ += operations;
    if (queued_ < most_queued) return;
    queued_ = 0;
    cudaEvent_t mark;
    check(cudaEventCreateWithFlags(&mark, cudaEventDisableTiming | cudaEventBlockingSync),
          "cudaEventCreate");
    marks_.push_back(mark);
    check(cudaEventRecord(mark, stream_), "cudaEventRecord");
    if (marks_.size() <= most_marks) return;
    oldest = marks_.front();
    marks_.pop_front();
  }
  const cudaError_t status = cudaEventSynchronize(oldest);
  static_cast<void>(cudaEventDestroy(oldest));
  check(status, "cudaEventSynchronize");
}

PinnedSlots CudaContext::take_pinned(std::size_t count) {
  const std::lock_guard lock(mutex_);
  const auto fits = std::find_if(pinned_.begin(), pinned_.end(),
                                 [=](const PinnedSlots& slots) { return slots.capacity >= count; });
  if (fits != pinned_.end()) {
    const PinnedSlots slots = *fits;
    pinned_.erase(fits);
    return slots;
  }
  const DeviceGuard guard(ordinal_);
  PinnedSlots slots;
  slots.capacity = std::max<std::size_t>(count, 64);
  check(cudaMallocHost(&slots.values, slots.capacity * sizeof(double)), "cudaMallocHost");
  const cudaError_t status = cudaEventCreateWithFlags(&slots.copied, cudaEventDisableTiming);
  if (status != cudaSuccess) {
    static_cast<void>(cudaFreeHost(slots.values));
    check(status, "cudaEventCreate");
  }
  return slots;
}

void CudaContext::give_back(PinnedSlots slots) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    pinned_.push_back(slots);
  } catch (...) {
    const DeviceGuard guard(ordinal_, std::nothrow);
    static_cast<void>(cudaFreeHost(slots.values));
    static_cast<void>(cudaEventDestroy(slots.copied));
  }
}

struct CudaReading::State {
  State(std::shared_ptr<CudaContext> owner, DeviceView<const double> from)
      : context(std::move(owner)), count(from.size()), slots(context->take_pinned(count)) {}
  ~State() { context->give_back(slots); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::shared_ptr<CudaContext> context;
  std::size_t count;
  PinnedSlots slots;
};

CudaReading::CudaReading(std::shared_ptr<CudaContext> context, DeviceView<const double> from)
    : state_(std::make_unique<State>(std::move(context), from)) {
  const CudaContext& on = *state_->context;
  const DeviceGuard guard(on.ordinal());
  check(cudaMemcpyAsync(state_->slots.values, from.data(), from.size() * sizeof(double),
                        cudaMemcpyDeviceToHost, on.stream()),
        "cudaMemcpyAsync");
  check(cudaEventRecord(state_->slots.copied, on.stream()), "cudaEventRecord");
}
CudaReading::CudaReading(CudaReading&&) noexcept = default;
CudaReading& CudaReading::operator=(CudaReading&&) noexcept = default;
CudaReading::~CudaReading() = default;

bool CudaReading::ready() const {
  const cudaError_t status = cudaEventQuery(state_->slots.copied);
  if (status == cudaErrorNotReady) return false;
  check(status, "cudaEventQuery");
  return true;
}

HostView<const double> CudaReading::values() const {
  check(cudaEventSynchronize(state_->slots.copied), "cudaEventSynchronize");
  return {state_->slots.values, state_->count};
}

template <class FieldReal>
CudaBackend<FieldReal>::CudaBackend(int ordinal)
    : context_(std::make_shared<CudaContext>(ordinal)) {}

template <class FieldReal>
std::string CudaBackend<FieldReal>::describe() const {
  return "cuda: " + context_->name();
}

template <class FieldReal>
void* CudaBackend<FieldReal>::stream() const {
  return context_->stream();
}

template <class FieldReal>
void* CudaBackend<FieldReal>::allocate_bytes(std::size_t bytes) const {
  return context_->allocate(bytes, "device memory");
}

template <class FieldReal>
void CudaBackend<FieldReal>::release(CudaContext& context, void* data) {
  context.free(data);
}

template <class FieldReal>
void CudaBackend<FieldReal>::upload(const void* from, void* to, std::size_t bytes) const {
  if (bytes == 0) return;
  const DeviceGuard guard(context_->ordinal());
  cudaPointerAttributes attributes;
  check(cudaPointerGetAttributes(&attributes, from), "cudaPointerGetAttributes");
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, context_->stream()),
        "cudaMemcpyAsync");
  // Pageable memory has been read when the call returns.
  if (attributes.type != cudaMemoryTypeUnregistered) context_->synchronize();
}

template <class FieldReal>
void CudaBackend<FieldReal>::download(const void* from, void* to, std::size_t bytes) const {
  if (bytes == 0) return;
  const DeviceGuard guard(context_->ordinal());
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, context_->stream()),
        "cudaMemcpyAsync");
  context_->synchronize();
}

template <class FieldReal>
void CudaBackend<FieldReal>::move(const void* from, void* to, std::size_t bytes) const {
  if (bytes == 0 || from == to) return;
  const DeviceGuard guard(context_->ordinal());
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, context_->stream()),
        "cudaMemcpyAsync");
}

template <class FieldReal>
void CudaBackend<FieldReal>::read(ConstVector from, HostView<double> to) const {
  MCKEAN_EXPECT(from.size() == to.size());
  if (to.empty()) return;
  std::memcpy(to.data(), begin_read(from).values().data(), to.size() * sizeof(double));
}

#define MCKEAN_INSTANTIATE(Real)                                                    \
  template CudaBackend<Real>::CudaBackend(int);                                     \
  template std::string CudaBackend<Real>::describe() const;                         \
  template void* CudaBackend<Real>::stream() const;                                 \
  template void* CudaBackend<Real>::allocate_bytes(std::size_t) const;              \
  template void CudaBackend<Real>::release(CudaContext&, void*);                    \
  template void CudaBackend<Real>::upload(const void*, void*, std::size_t) const;   \
  template void CudaBackend<Real>::download(const void*, void*, std::size_t) const; \
  template void CudaBackend<Real>::move(const void*, void*, std::size_t) const;     \
  template void CudaBackend<Real>::read(ConstVector, HostView<double>) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
