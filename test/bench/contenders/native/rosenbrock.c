/* The chained Rosenbrock function. */
#include "task.h"

static int n;

void prepare(void) { n = *read_ints(1); }

double loss_and_gradient(const double *x, double *g) {
  double loss = 0;
  for (int i = 0; i < n; i++) g[i] = 0;
  for (int i = 0; i + 1 < n; i++) {
    double valley = x[i + 1] - x[i] * x[i];
    double rest = 1 - x[i];
    loss += 100 * valley * valley + rest * rest;
    g[i] += -400 * x[i] * valley - 2 * rest;
    g[i + 1] += 200 * valley;
  }
  return loss;
}

void hvp(const double *x, const double *v, double *h) {
  for (int i = 0; i < n; i++) h[i] = 0;
  for (int i = 0; i + 1 < n; i++) {
    double diagonal = 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
    double beside = -400 * x[i];
    h[i] += diagonal * v[i] + beside * v[i + 1];
    h[i + 1] += beside * v[i] + 200 * v[i + 1];
  }
}
