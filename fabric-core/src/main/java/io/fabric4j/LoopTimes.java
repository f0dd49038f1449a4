package io.fabric4j;

import io.fabric4j.monitoring.EpochProgress.StepTimes;

/** Adds up what a loop over a data loader does. */
final class LoopTimes {
  private final long start = System.nanoTime();
  private int number = -1;
  private long samples;
  private long forward;
  private long backward;
  private long sync;
  private long optimizer;

  void batch(int rows) {
    samples += rows;
  }

  /** Notes a forward that just ended. */
  void forward(long begin) {
    forward += System.nanoTime() - begin;
  }

  /** Notes a backward that just ended, by when it began and when its gradients were computed. */
  void backward(long begin, long computed) {
    backward += computed - begin;
    sync += System.nanoTime() - computed;
  }

  /** Notes an update that just ended. */
  void optimizer(long begin) {
    optimizer += System.nanoTime() - begin;
  }

  /** Makes this a training loop, the n-th of its rank. */
  void number(int n) {
    number = n;
  }

  /** Returns the number of this training loop, -1 as long as there was no backward in it. */
  int number() {
    return number;
  }

  long samples() {
    return samples;
  }

  StepTimes upToNow(long data) {
    return new StepTimes(System.nanoTime() - start, data, forward, backward, sync, optimizer);
  }
}
