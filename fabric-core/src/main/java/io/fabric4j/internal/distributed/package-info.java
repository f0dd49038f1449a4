/**
 * Process groups over authenticated TCP connections and shared memory.
 *
 * <p>{@link io.fabric4j.internal.distributed.GroupBootstrap} connects the ranks to a {@code Mesh},
 * which tells of peers' failures and carries frames. {@code TcpProcessGroup} reduces over those
 * frames; {@code SharedMemoryProcessGroup} reduces in mapped memory and needs the mesh for liveness
 * and objects.
 */
package io.fabric4j.internal.distributed;
