package io.fabric4j.strategies;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlatSliceTest {

  @ParameterizedTest
  @CsvSource({"0,30,10,20", "12,14,12,14", "0,15,10,15", "15,30,15,20", "0,5,10,10", "25,30,20,20"})
  void intersectionLiesWithinTheSlice(long begin, long end, long first, long last) {
    FlatSlice slice = new FlatSlice(10, 20);
    assertThat(slice.intersect(new FlatSlice(begin, end))).isEqualTo(new FlatSlice(first, last));
  }
}
