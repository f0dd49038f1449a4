package io.fabric4j.spark.examples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.SplittableRandom;

/**
 * Handwritten-looking digits drawn by code: the data of the example where there is no other.
 *
 * <p>Image {@code i} depends on the seed and {@code i} alone, and each aligned block of ten images
 * holds every digit once, in random order.
 */
final class StrokeDigits {
  private static final int SIDE = 28;
  private static final int NOISE_BITS = 5;

  private StrokeDigits() {}

  /** Draws images of 28 x 28: ink of varying strength on black, and faint noise. */
  static LabeledImages draw(int size, long seed) {
    return draw(0, size, seed);
  }

  /** Draws the images {@code from} (inclusive) to {@code to} (exclusive). */
  static LabeledImages draw(int from, int to, long seed) {
    byte[] pixels = new byte[(to - from) * SIDE * SIDE];
    byte[] labels = new byte[to - from];
    Canvas canvas = new Canvas();
    for (int index = from; index < to; index++) {
      int row = index - from;
      labels[row] = (byte) digit(seed, index);
      SplittableRandom random = random(seed, 2L * index + 1);
      Handwriting hand = new Handwriting(random, SIDE);
      byte[] drawn = canvas.draw(hand.write(labels[row]), hand.penWidth());
      int ink = random.nextInt(190, 256);
      for (int i = 0; i < drawn.length; i++) {
        int noise = (int) (random.nextLong() >> (64 - NOISE_BITS));
        int value = (drawn[i] & 0xff) * ink / 255 + noise;
        pixels[row * drawn.length + i] = (byte) Math.max(0, Math.min(255, value));
      }
    }
    return new LabeledImages(SIDE, SIDE, pixels, labels);
  }

  /** Returns element {@code index % 10} of a random order of the ten digits. */
  static int digit(long seed, int index) {
    SplittableRandom random = random(seed, 2L * (index / 10));
    int[] order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (int i = 9; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order[index % 10];
  }

  static SplittableRandom random(long seed, long stream) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + stream);
  }

  /** A black image to draw on in white, used again for each digit. */
  private static final class Canvas {
    private final BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
    private final Graphics2D graphics;

    Canvas() {
      // Drawing to memory needs no screen; without this, AWT looks for one.
      if (System.getProperty("java.awt.headless") == null) {
        System.setProperty("java.awt.headless", "true");
      }
      graphics = image.createGraphics();
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    }

    byte[] draw(Path2D path, float penWidth) {
      graphics.setColor(Color.BLACK);
      graphics.fillRect(0, 0, SIDE, SIDE);
      graphics.setColor(Color.WHITE);
      graphics.setStroke(new BasicStroke(penWidth, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      graphics.draw(path);
      return ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    }
  }
}
