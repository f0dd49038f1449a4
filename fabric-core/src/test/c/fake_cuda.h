/*
 * A CUDA runtime and an NCCL that work on host memory, for tests of the Java code above them.
 *
 * Every stream has a thread that does its work in order. The legacy default stream has none: its
 * work is the host's own, so that waiting in it blocks the caller.
 */
#ifndef FAKE_CUDA_H
#define FAKE_CUDA_H

#define EXPORT __attribute__((visibility("default")))

/* Gives a stream work. */
void fakeStreamSubmit(void *stream, void (*run)(void *), void *argument);

#endif
