package io.fabric4j.internal.distributed;

/** What a frame carries. */
enum FrameType {
  /** A piece of a collective. */
  DATA,
  /** A sign of life: the number of the call that the sender has entered last. */
  HEARTBEAT,
  /** Why the sender's group has failed. */
  FAILURE,
  /** The sender has closed its group; nothing follows. */
  GOODBYE
}
