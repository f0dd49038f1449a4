/** The hardware that ranks run on. */
package io.fabric4j.accelerators;
