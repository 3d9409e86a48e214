/* One hidden layer of tanh, softmax cross-entropy; parameters W1, b1, W2, b2. Products of matrices in plain loops. */
#include "task.h"
#include <math.h>
#include <string.h>

static int rows, inputs, hidden, classes;
static const double *X;
static const int *label;
static double *T, *RT, *Z, *RZ, *A, *RA;

void prepare(void) {
  const int *sizes = read_ints(4);
  rows = sizes[0];
  inputs = sizes[1];
  hidden = sizes[2];
  classes = sizes[3];
  X = read_doubles(rows * inputs);
  label = read_ints(rows);
  T = workspace(rows * hidden);
  RT = workspace(rows * hidden);
  A = workspace(rows * hidden);
  RA = workspace(rows * hidden);
  Z = workspace(rows * classes);
  RZ = workspace(rows * classes);
}

/* C += A B, [m, k] and [k, n]. */
static void multiply(int m, int k, int n, const double *restrict a, const double *restrict b, double *restrict c) {
  for (int i = 0; i < m; i++)
    for (int l = 0; l < k; l++) {
      double x = a[i * k + l];
      for (int j = 0; j < n; j++) c[i * n + j] += x * b[l * n + j];
    }
}

/* C += A' B, [m, k] and [m, n]. */
static void multiply_first(int m, int k, int n, const double *restrict a, const double *restrict b, double *restrict c) {
  for (int i = 0; i < m; i++)
    for (int l = 0; l < k; l++) {
      double x = a[i * k + l];
      for (int j = 0; j < n; j++) c[l * n + j] += x * b[i * n + j];
    }
}

/* C += A B', [m, n] and [k, n]. */
static void multiply_second(int m, int k, int n, const double *restrict a, const double *restrict b, double *restrict c) {
  for (int i = 0; i < m; i++)
    for (int l = 0; l < k; l++) {
      double sum = 0;
      for (int j = 0; j < n; j++) sum += a[i * n + j] * b[l * n + j];
      c[i * k + l] += sum;
    }
}

static void clear(double *x, int count) { memset(x, 0, sizeof(double) * (size_t)count); }

static void fill_rows(double *x, const double *row, int width) {
  for (int i = 0; i < rows; i++) memcpy(x + i * width, row, sizeof(double) * (size_t)width);
}

static void add_rows(const double *x, int width, double *sum) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < width; j++) sum[j] += x[i * width + j];
}

/* Hidden values and softmax of the results; returns the mean cross-entropy. */
static double forward(const double *p) {
  const double *b1 = p + inputs * hidden, *W2 = b1 + hidden, *b2 = W2 + hidden * classes;
  fill_rows(T, b1, hidden);
  multiply(rows, inputs, hidden, X, p, T);
  for (int k = 0; k < rows * hidden; k++) T[k] = tanh(T[k]);
  fill_rows(Z, b2, classes);
  multiply(rows, hidden, classes, T, W2, Z);
  double loss = 0;
  for (int i = 0; i < rows; i++) {
    double *z = Z + i * classes;
    double largest = -INFINITY, total = 0, chosen = z[label[i]];
    for (int c = 0; c < classes; c++) largest = fmax(largest, z[c]);
    for (int c = 0; c < classes; c++) total += z[c] = exp(z[c] - largest);
    for (int c = 0; c < classes; c++) z[c] /= total;
    loss += log(total) + largest - chosen;
  }
  return loss / rows;
}

double loss_and_gradient(const double *p, double *g) {
  const double *W2 = p + inputs * hidden + hidden;
  double *gb1 = g + inputs * hidden, *gW2 = gb1 + hidden, *gb2 = gW2 + hidden * classes;
  double loss = forward(p);
  clear(g, inputs * hidden + hidden + hidden * classes + classes);
  for (int i = 0; i < rows; i++)
    for (int c = 0; c < classes; c++) Z[i * classes + c] = (Z[i * classes + c] - (c == label[i])) / rows;
  add_rows(Z, classes, gb2);
  multiply_first(rows, hidden, classes, T, Z, gW2);
  clear(A, rows * hidden);
  multiply_second(rows, hidden, classes, Z, W2, A);
  for (int k = 0; k < rows * hidden; k++) A[k] *= 1 - T[k] * T[k];
  add_rows(A, hidden, gb1);
  multiply_first(rows, inputs, hidden, X, A, g);
  return loss;
}

/* R{.} of every line of the gradient, after Pearlmutter (1994). */
void hvp(const double *p, const double *v, double *h) {
  const double *W2 = p + inputs * hidden + hidden;
  const double *vb1 = v + inputs * hidden, *V2 = vb1 + hidden, *vb2 = V2 + hidden * classes;
  double *hb1 = h + inputs * hidden, *hW2 = hb1 + hidden, *hb2 = hW2 + hidden * classes;
  forward(p);
  clear(h, inputs * hidden + hidden + hidden * classes + classes);
  fill_rows(RT, vb1, hidden);
  multiply(rows, inputs, hidden, X, v, RT);
  for (int k = 0; k < rows * hidden; k++) RT[k] *= 1 - T[k] * T[k];
  fill_rows(RZ, vb2, classes);
  multiply(rows, hidden, classes, RT, W2, RZ);
  multiply(rows, hidden, classes, T, V2, RZ);
  for (int i = 0; i < rows; i++) {
    double *z = Z + i * classes, *r = RZ + i * classes, mean = 0;
    for (int c = 0; c < classes; c++) mean += z[c] * r[c];
    for (int c = 0; c < classes; c++) {
      r[c] = z[c] * (r[c] - mean) / rows;
      z[c] = (z[c] - (c == label[i])) / rows;
    }
  }
  add_rows(RZ, classes, hb2);
  multiply_first(rows, hidden, classes, RT, Z, hW2);
  multiply_first(rows, hidden, classes, T, RZ, hW2);
  clear(A, rows * hidden);
  clear(RA, rows * hidden);
  multiply_second(rows, hidden, classes, Z, W2, A);
  multiply_second(rows, hidden, classes, RZ, W2, RA);
  multiply_second(rows, hidden, classes, Z, V2, RA);
  for (int k = 0; k < rows * hidden; k++) RA[k] = RA[k] * (1 - T[k] * T[k]) - 2 * T[k] * RT[k] * A[k];
  add_rows(RA, hidden, hb1);
  multiply_first(rows, inputs, hidden, X, RA, h);
}
