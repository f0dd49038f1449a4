/** Fabric: keep the training loop, change a few lines, run it on one or many devices. */
package io.fabric4j;
