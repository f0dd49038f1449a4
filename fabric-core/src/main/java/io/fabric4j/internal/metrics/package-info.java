/** Metrics as plain numbers. */
package io.fabric4j.internal.metrics;
