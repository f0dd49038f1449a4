package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * Where a rank is and what it does.
 *
 * @param rank the rank
 * @param host of its executor, empty if unknown
 * @param phase in words
 * @param rows of its input, read so far
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"rank", "host", "phase", "rows"})
public record RankNote(int rank, String host, String phase, long rows) {}
