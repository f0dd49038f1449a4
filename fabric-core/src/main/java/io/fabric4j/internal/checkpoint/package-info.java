/**
 * The checkpoint file: tensors and text in safetensors layout, with checksums. It knows names, data
 * types, shapes and bytes, neither NDArrays nor storage systems.
 */
package io.fabric4j.internal.checkpoint;
