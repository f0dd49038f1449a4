package io.fabric4j.internal.distributed;

import java.time.Duration;

/**
 * What the ranks of a connected group have agreed on.
 *
 * @param callTimeout how long a collective waits for all ranks; each rank's own
 * @param chunkBytes largest piece in which arrays travel, equal on all ranks
 * @param maxObjectBytes what the objects of one call take at most together; each rank's own
 * @param site how this rank joins subgroups; each rank's own
 */
record GroupSettings(Duration callTimeout, int chunkBytes, int maxObjectBytes, Site site) {}
