/** Where checkpoint files go and come from. */
package io.fabric4j.checkpoint;
