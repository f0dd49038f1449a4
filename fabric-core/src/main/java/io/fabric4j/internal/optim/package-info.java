/** Turns optimizer settings into fused kernels. */
package io.fabric4j.internal.optim;
