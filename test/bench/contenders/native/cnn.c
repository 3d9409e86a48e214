/* 3 x 3 filters with stride 2, relu, a dense layer, softmax cross-entropy, one image at a time; parameters F, a, W, b. */
#include "task.h"
#include <math.h>
#include <string.h>

enum { window = 3, stride = 2 };

static int rows, pixels, channels, classes, side, features;
static const double *images;
static const int *label;
static double *Z, *RZ, *D, *O, *RO, *S;

void prepare(void) {
  const int *sizes = read_ints(4);
  rows = sizes[0];
  pixels = sizes[1];
  channels = sizes[2];
  classes = sizes[3];
  images = read_doubles(rows * pixels * pixels);
  label = read_ints(rows);
  side = (pixels - window) / stride + 1;
  features = side * side * channels;
  Z = workspace(features);
  RZ = workspace(features);
  D = workspace(features);
  O = workspace(classes);
  RO = workspace(classes);
  S = workspace(classes);
}

static int at_a(void) { return window * window * channels; }
static int at_w(void) { return at_a() + channels; }
static int at_b(void) { return at_w() + features * classes; }

static void convolve(const double *restrict image, const double *restrict p, double *restrict target) {
  for (int x = 0; x < side; x++)
    for (int y = 0; y < side; y++, target += channels) {
      memcpy(target, p + at_a(), sizeof(double) * (size_t)channels);
      for (int u = 0; u < window; u++)
        for (int v = 0; v < window; v++) {
          double pixel = image[(stride * x + u) * pixels + stride * y + v];
          const double *filter = p + (u * window + v) * channels;
          for (int k = 0; k < channels; k++) target[k] += filter[k] * pixel;
        }
    }
}

static void collect(const double *restrict image, const double *restrict slope, double *restrict g) {
  for (int x = 0; x < side; x++)
    for (int y = 0; y < side; y++, slope += channels) {
      for (int k = 0; k < channels; k++) g[at_a() + k] += slope[k];
      for (int u = 0; u < window; u++)
        for (int v = 0; v < window; v++) {
          double pixel = image[(stride * x + u) * pixels + stride * y + v];
          double *filter = g + (u * window + v) * channels;
          for (int k = 0; k < channels; k++) filter[k] += pixel * slope[k];
        }
    }
}

/* target += features times weights, without those that relu cuts off. */
static void dense(const double *restrict feature, const double *restrict p, double *restrict target) {
  for (int f = 0; f < features; f++) {
    if (!(Z[f] > 0)) continue;
    const double *row = p + at_w() + f * classes;
    for (int c = 0; c < classes; c++) target[c] += feature[f] * row[c];
  }
}

static double softmax(int chosen) {
  double largest = -INFINITY, total = 0;
  for (int c = 0; c < classes; c++) largest = fmax(largest, O[c]);
  for (int c = 0; c < classes; c++) total += S[c] = exp(O[c] - largest);
  for (int c = 0; c < classes; c++) S[c] /= total;
  return log(total) + largest - O[chosen];
}

double loss_and_gradient(const double *p, double *g) {
  double loss = 0;
  memset(g, 0, sizeof(double) * (size_t)(at_b() + classes));
  for (int i = 0; i < rows; i++) {
    const double *image = images + i * pixels * pixels;
    convolve(image, p, Z);
    memcpy(O, p + at_b(), sizeof(double) * (size_t)classes);
    dense(Z, p, O);
    loss += softmax(label[i]);
    for (int c = 0; c < classes; c++) {
      O[c] = (S[c] - (c == label[i])) / rows;
      g[at_b() + c] += O[c];
    }
    for (int f = 0; f < features; f++) {
      double slope = 0;
      if (Z[f] > 0)
        for (int c = 0, at = at_w() + f * classes; c < classes; c++) {
          g[at + c] += Z[f] * O[c];
          slope += p[at + c] * O[c];
        }
      D[f] = slope;
    }
    collect(image, D, g);
  }
  return loss / rows;
}

void hvp(const double *p, const double *d, double *h) {
  memset(h, 0, sizeof(double) * (size_t)(at_b() + classes));
  for (int i = 0; i < rows; i++) {
    const double *image = images + i * pixels * pixels;
    convolve(image, p, Z);
    convolve(image, d, RZ);
    memcpy(O, p + at_b(), sizeof(double) * (size_t)classes);
    memcpy(RO, d + at_b(), sizeof(double) * (size_t)classes);
    dense(Z, p, O);
    dense(RZ, p, RO);
    dense(Z, d, RO);
    softmax(label[i]);
    double mean = 0;
    for (int c = 0; c < classes; c++) mean += S[c] * RO[c];
    for (int c = 0; c < classes; c++) {
      RO[c] = S[c] * (RO[c] - mean) / rows;
      O[c] = (S[c] - (c == label[i])) / rows;
      h[at_b() + c] += RO[c];
    }
    for (int f = 0; f < features; f++) {
      double slope = 0;
      if (Z[f] > 0)
        for (int c = 0, at = at_w() + f * classes; c < classes; c++) {
          h[at + c] += RZ[f] * O[c] + Z[f] * RO[c];
          slope += d[at + c] * O[c] + p[at + c] * RO[c];
        }
      D[f] = slope;
    }
    collect(image, D, h);
  }
}
