/** Ranks, process groups and collectives, with torch.distributed's terms. */
package io.fabric4j.distributed;
