package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class HandwritingTest {

  @Test
  void writesTheSameBitsOnEveryMachine() {
    CRC32 checksum = new CRC32();
    for (int i = 0; i < 1000; i++) {
      Handwriting hand = new Handwriting(new SplittableRandom(i), 28);
      update(checksum, hand.write(i % 10));
      checksum.update(ByteBuffer.allocate(4).putFloat(hand.penWidth()).flip());
    }

    assertThat(checksum.getValue()).isEqualTo(721_634_599L);
  }

  @Test
  void keepsTheDigitInTheImage() {
    for (int i = 0; i < 1000; i++) {
      Path2D path = new Handwriting(new SplittableRandom(i), 28).write(i % 10);

      assertThat(path.intersects(7, 7, 14, 14)).isTrue();
      assertThat(path.getBounds2D()).matches(box -> box.getMinX() > -2 && box.getMaxX() < 30);
      assertThat(path.getBounds2D()).matches(box -> box.getMinY() > -2 && box.getMaxY() < 30);
    }
  }

  private static void update(CRC32 checksum, Path2D path) {
    double[] points = new double[6];
    for (PathIterator at = path.getPathIterator(null); !at.isDone(); at.next()) {
      int used = at.currentSegment(points) == PathIterator.SEG_MOVETO ? 2 : 6;
      for (int i = 0; i < used; i++) {
        checksum.update(ByteBuffer.allocate(8).putDouble(points[i]).flip());
      }
    }
  }
}
