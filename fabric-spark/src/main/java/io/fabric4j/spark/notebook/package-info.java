/**
 * Charts and live progress in the cells of notebooks: inline SVG in Jupyter and Zeppelin, plain
 * text elsewhere. Nothing here loads a script or a file, and names of columns and metrics are
 * escaped.
 */
package io.fabric4j.spark.notebook;
