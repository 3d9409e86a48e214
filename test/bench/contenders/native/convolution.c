/*
 * A convolution as fast as this machine does it: the loss is the sum of squares of images, taken with filters at every stride; the
 * parameters are the filters [window, window, inputs, outputs]. Direct convolution in register tiles: vectors of eight outputs, so many
 * positions (for the images) or rows of a filter (for its gradient) at a time that their sums fill the registers, pixels broadcast.
 */
#include "task.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { lanes = 8 };
typedef double vector __attribute__((vector_size(sizeof(double) * lanes), aligned(sizeof(double))));

static int rows, pixels, inputs, outputs, window, stride, side;
static const double *images;
static double *Z;

void prepare(void) {
  const int *sizes = read_ints(6);
  rows = sizes[0];
  pixels = sizes[1];
  inputs = sizes[2];
  outputs = sizes[3];
  window = sizes[4];
  stride = sizes[5];
  side = (pixels - window) / stride + 1;
  images = read_doubles(rows * pixels * pixels * inputs);
  Z = workspace(rows * side * side * outputs);
  if (outputs % lanes != 0) {
    fprintf(stderr, "outputs come in vectors of %d\n", lanes);
    exit(1);
  }
}

/* target += of `positions` neighbours in a row, `width` vectors of outputs each. Numbers known when compiled unroll the loops. */
static inline __attribute__((always_inline)) void tile(const double *restrict corner, const double *restrict filter,
                                                       double *restrict target, int positions, int width) {
  vector sums[12][2];
  for (int p = 0; p < positions; p++)
    for (int w = 0; w < width; w++) sums[p][w] = (vector){0};
  for (int u = 0; u < window; u++) {
    const double *line = corner + (size_t)u * pixels * inputs;
    /* the columns and inputs of a window's line lie one behind the other */
    for (int c = 0; c < window * inputs; c++, filter += outputs) {
      vector weights[2];
      for (int w = 0; w < width; w++) weights[w] = *(const vector *)(filter + w * lanes);
      for (int p = 0; p < positions; p++) {
        double pixel = line[p * stride * inputs + c];
        for (int w = 0; w < width; w++) sums[p][w] += weights[w] * pixel;
      }
    }
  }
  for (int p = 0; p < positions; p++)
    for (int w = 0; w < width; w++) *(vector *)(target + p * outputs + w * lanes) = sums[p][w];
}

static void convolve(const double *restrict filters) {
  for (int k = 0; k < outputs; k += 2 * lanes) {
    int width = outputs - k >= 2 * lanes ? 2 : 1;
    for (int i = 0; i < rows; i++)
      for (int x = 0; x < side; x++) {
        const double *line = images + ((size_t)i * pixels + (size_t)x * stride) * pixels * inputs;
        double *target = Z + ((size_t)i * side + x) * side * outputs + k;
        int y = 0;
        for (; y + 12 <= side; y += 12) {
          const double *corner = line + (size_t)y * stride * inputs;
          if (width == 2) tile(corner, filters + k, target + y * outputs, 12, 2);
          else tile(corner, filters + k, target + y * outputs, 12, 1);
        }
        for (; y + 6 <= side; y += 6) {
          const double *corner = line + (size_t)y * stride * inputs;
          if (width == 2) tile(corner, filters + k, target + y * outputs, 6, 2);
          else tile(corner, filters + k, target + y * outputs, 6, 1);
        }
        for (; y < side; y++) {
          const double *corner = line + (size_t)y * stride * inputs;
          if (width == 2) tile(corner, filters + k, target + y * outputs, 1, 2);
          else tile(corner, filters + k, target + y * outputs, 1, 1);
        }
      }
  }
}

/* g += of `taps` neighbouring rows of the filters, for one image line of results. */
static inline __attribute__((always_inline)) void collect(const double *restrict pixel, const double *restrict slope,
                                                          double *restrict g, int taps, int width) {
  vector sums[12][2];
  for (int t = 0; t < taps; t++)
    for (int w = 0; w < width; w++) sums[t][w] = *(const vector *)(g + t * outputs + w * lanes);
  for (int y = 0; y < side; y++, slope += outputs, pixel += stride * inputs) {
    vector slopes[2];
    for (int w = 0; w < width; w++) slopes[w] = 2 * *(const vector *)(slope + w * lanes);
    for (int t = 0; t < taps; t++)
      for (int w = 0; w < width; w++) sums[t][w] += slopes[w] * pixel[t];
  }
  for (int t = 0; t < taps; t++)
    for (int w = 0; w < width; w++) *(vector *)(g + t * outputs + w * lanes) = sums[t][w];
}

static void gradient(double *restrict g) {
  memset(g, 0, sizeof(double) * (size_t)(window * window * inputs * outputs));
  int taps = window * inputs;
  for (int i = 0; i < rows; i++)
    for (int u = 0; u < window; u++)
      for (int k = 0; k < outputs; k += 2 * lanes) {
        int width = outputs - k >= 2 * lanes ? 2 : 1;
        int t = 0;
        while (t < taps) {
          int count = taps - t >= 12 ? 12 : taps - t >= 6 ? 6 : taps - t >= 3 ? 3 : 1;
          /* all lines of an image for one tile of the filters, which stays in the first cache */
          for (int x = 0; x < side; x++) {
            const double *pixel = images + ((size_t)i * pixels + (size_t)x * stride + u) * pixels * inputs + t;
            const double *slope = Z + ((size_t)i * side + x) * side * outputs + k;
            double *target = g + ((size_t)u * taps + t) * outputs + k;
            if (width == 2) {
              if (count == 12) collect(pixel, slope, target, 12, 2);
              else if (count == 6) collect(pixel, slope, target, 6, 2);
              else if (count == 3) collect(pixel, slope, target, 3, 2);
              else collect(pixel, slope, target, 1, 2);
            } else if (count == 12) collect(pixel, slope, target, 12, 1);
            else if (count == 6) collect(pixel, slope, target, 6, 1);
            else if (count == 3) collect(pixel, slope, target, 3, 1);
            else collect(pixel, slope, target, 1, 1);
          }
          t += count;
        }
      }
}

double loss_and_gradient(const double *x, double *g) {
  convolve(x);
  gradient(g);
  vector sums = {0};
  int count = rows * side * side * outputs;
  for (int k = 0; k < count; k += lanes) sums += *(vector *)(Z + k) * *(vector *)(Z + k);
  double loss = 0;
  for (int k = 0; k < lanes; k++) loss += sums[k];
  return loss;
}

/* The loss is quadratic: its Hessian times v is the gradient at v. */
void hvp(const double *x, const double *v, double *h) {
  (void)x;
  convolve(v);
  gradient(h);
}
