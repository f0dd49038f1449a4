/** Parameters and gradients in flat buffers, and their reduction over the ranks. */
package io.fabric4j.internal.parameters;
