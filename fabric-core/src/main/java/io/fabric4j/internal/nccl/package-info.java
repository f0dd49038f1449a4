/**
 * Collectives of CUDA ranks: the only package that uses JavaCPP's CUDA and NCCL bindings.
 *
 * <p>{@link io.fabric4j.internal.nccl.NcclProcessGroup} starts each collective on the GPU ({@code
 * NcclCommunicator}) and hands it to the group's {@code CallChecker}, whose thread compares it with
 * the other ranks' over the host group and watches its end.
 */
package io.fabric4j.internal.nccl;
