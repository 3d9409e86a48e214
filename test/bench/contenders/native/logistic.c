/* Mean softplus loss with an L2 term; parameters w, b. One pass over the rows. */
#include "task.h"
#include <math.h>
#include <string.h>

static int rows, columns;
static double lambda;
static const double *X, *y;

void prepare(void) {
  const int *sizes = read_ints(2);
  rows = sizes[0];
  columns = sizes[1];
  lambda = *read_doubles(1);
  X = read_doubles(rows * columns);
  y = read_doubles(rows);
}

static double dot(const double *a, const double *b) {
  double sum = 0;
  for (int j = 0; j < columns; j++) sum += a[j] * b[j];
  return sum;
}

double loss_and_gradient(const double *p, double *g) {
  double loss = 0;
  memset(g, 0, sizeof(double) * (size_t)(columns + 1));
  for (int i = 0; i < rows; i++) {
    const double *row = X + i * columns;
    double margin = y[i] * (dot(row, p) + p[columns]);
    double e = exp(-fabs(margin));
    loss += fmax(-margin, 0) + log1p(e);
    double slope = -y[i] * (margin > 0 ? e : 1) / (1 + e) / rows;
    for (int j = 0; j < columns; j++) g[j] += slope * row[j];
    g[columns] += slope;
  }
  for (int j = 0; j < columns; j++) g[j] += lambda * p[j];
  return loss / rows + 0.5 * lambda * dot(p, p);
}

void hvp(const double *p, const double *v, double *h) {
  memset(h, 0, sizeof(double) * (size_t)(columns + 1));
  for (int i = 0; i < rows; i++) {
    const double *row = X + i * columns;
    double margin = y[i] * (dot(row, p) + p[columns]);
    double e = exp(-fabs(margin));
    double curvature = e / ((1 + e) * (1 + e)) * y[i] * y[i] / rows;
    double change = curvature * (dot(row, v) + v[columns]);
    for (int j = 0; j < columns; j++) h[j] += change * row[j];
    h[columns] += change;
  }
  for (int j = 0; j < columns; j++) h[j] += lambda * v[j];
}
