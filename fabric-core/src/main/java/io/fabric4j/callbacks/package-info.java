/** Code that runs at points of the training loop. */
package io.fabric4j.callbacks;
