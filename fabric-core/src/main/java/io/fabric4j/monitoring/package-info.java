/** Watches a training run: its speed, and spikes of its loss. */
package io.fabric4j.monitoring;
