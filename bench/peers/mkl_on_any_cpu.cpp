// Preloaded, makes the MKL inside PyTorch use the widest vectors that a processor has, whoever made
// it. MKL asks this function, and has slower kernels for processors that are not Intel's.
extern "C" int mkl_serv_intel_cpu_true() { return 1; }
