/* libcuda.so.1, which the bindings ask for but do not call here. */
#include "fake_cuda.h"

EXPORT int cuInit(unsigned flags) {
  return (int)flags;
}
